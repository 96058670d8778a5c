import TCPModel
import Testing

@testable import SockDiag

/// The bytes of requests, field by field after linux/netlink.h and linux/inet_diag.h.
struct RequestTests {
    @Test(arguments: Question.all)
    func theRequestForBothFamiliesIsAnInetDiagReq(_ question: Question) {
        let request = InetDiagRequest(
            scope: .everyFamily, sequence: 0x0102_0304, subject: question.subject)
        let head: [UInt8] =
            [
                0x4C, 0x00, 0x00, 0x00,  // nlmsg_len 76
                0x12, 0x00,  // nlmsg_type TCPDIAG_GETSOCK
                0x01, 0x03,  // nlmsg_flags NLM_F_REQUEST | NLM_F_DUMP
                0x04, 0x03, 0x02, 0x01,  // nlmsg_seq
                0x00, 0x00, 0x00, 0x00,  // nlmsg_pid, the kernel's
                0x00,  // idiag_family AF_UNSPEC
                0x00,  // idiag_src_len
                0x00,  // idiag_dst_len
                question.extensions,  // idiag_ext
            ]
        let filters: [UInt8] = [0x00, 0x00, 0x00, 0x00]  // idiag_dbs
        let parts: [[UInt8]] = [head, anySocket, question.states, filters]
        #expect(request.bytes == Array(parts.joined()))
    }

    @Test(
        arguments: [(InetDiagRequest.Scope.ipv4, UInt8(2)), (.ipv6, 10)],
        Question.all)
    func theRequestForOneFamilyIsAnInetDiagReqV2(
        _ scope: (InetDiagRequest.Scope, family: UInt8), _ question: Question
    ) {
        let request = InetDiagRequest(
            scope: scope.0, sequence: 0xFFFF_FFFE, subject: question.subject)
        let head: [UInt8] =
            [
                0x48, 0x00, 0x00, 0x00,  // nlmsg_len 72
                0x14, 0x00,  // nlmsg_type SOCK_DIAG_BY_FAMILY
                0x01, 0x03,  // nlmsg_flags NLM_F_REQUEST | NLM_F_DUMP
                0xFE, 0xFF, 0xFF, 0xFF,  // nlmsg_seq
                0x00, 0x00, 0x00, 0x00,  // nlmsg_pid, the kernel's
                scope.family,  // sdiag_family
                0x06,  // sdiag_protocol IPPROTO_TCP
                question.extensions,  // idiag_ext
                0x00,  // pad
            ]
        let parts: [[UInt8]] = [head, question.states, anySocket]
        #expect(request.bytes == Array(parts.joined()))
    }
}

/// What a request asks for, and how it is written.
struct Question: Sendable {
    var subject: InetDiagRequest.Subject
    var extensions: UInt8
    var states: [UInt8]

    static let all = [
        // The states 1 to 13.
        Question(subject: .everySocket, extensions: 0x00, states: [0xFE, 0x3F, 0x00, 0x00]),
        // INET_DIAG_INFO is 2. The states are 1, 4, 5, 8, 9 and 11.
        Question(
            subject: .upperLayerProtocols, extensions: 0x02, states: [0x32, 0x0B, 0x00, 0x00]),
        // INET_DIAG_SKMEMINFO is 7, and TCP_LISTEN 10.
        Question(subject: .listeners, extensions: 0x40, states: [0x00, 0x04, 0x00, 0x00]),
    ]
}

/// `struct inet_diag_sockid` for no socket in particular: ports, addresses, interface and cookie.
private let anySocket = [UInt8](repeating: 0, count: 48)
