import Glibc

/// A part of the program that is given made-up input. What must hold is checked by `require`.
struct FuzzTarget: Sendable {
    let name: String
    /// Done once, before the first input.
    var prepare: @Sendable () -> Void = {}
    let run: @Sendable ([UInt8]) -> Void

    static let all: [FuzzTarget] = [
        netlink, yaml, webConfiguration, moduleMap, request, listenAddress, cgroup, proc,
        exposition, json, ipHelper, kernelTypes,
    ]

    static let variable = "TCPTABLE_FUZZ_TARGET"

    /// The one that the environment names.
    static let chosen: FuzzTarget? = {
        let name = unsafe getenv(variable).map { unsafe String(cString: $0) }
        return all.first { $0.name == name }
    }()
}

/// Ends the program where a condition does not hold: libFuzzer then keeps the input.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}

/// Takes values off the front of an input; zeros where it has ended.
struct InputReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number {
        (0..<Number.bitWidth / 8).reduce(0) { number, _ in number << 8 | Number(byte()) }
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        let taken = rest.prefix(count)
        rest = rest.dropFirst(count)
        return Array(taken)
    }

    /// Up to 255 bytes, after one that counts them.
    mutating func shortText() -> String {
        let count = Int(byte())
        return String(decoding: bytes(count), as: UTF8.self)
    }
}
