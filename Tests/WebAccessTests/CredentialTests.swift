import Foundation
import Testing
import WebConfiguration

@testable import WebAccess

struct CredentialTests {
    private func header(_ text: String) -> String {
        "Basic " + Data(text.utf8).base64EncodedString()
    }

    @Test(arguments: [
        ("alice:secret", "alice", "secret"), ("a:b:c", "a", "b:c"), (":", "", ""),
        ("zoë:é", "zoë", "é"),
        ("a:", "a", ""), (":b", "", "b"), ("ab:c", "ab", "c"), ("abc:d", "abc", "d"),
    ])
    func theNameEndsAtTheFirstColon(_ text: String, _ user: String, _ password: String) throws {
        let credentials = try #require(BasicCredentials(header(text)))
        #expect(credentials.user == Array(user.utf8))
        #expect(credentials.password == Array(password.utf8))
    }

    @Test func theSchemesCaseDoesNotMatter() {
        for scheme in ["basic", "BASIC", "bAsIc"] {
            #expect(BasicCredentials("\(scheme) YTpi") != nil)
        }
    }

    @Test(arguments: [
        "", "Basic", "Basic ", "Basic YTpi,", "Basic YTpi, Basic YTpi", "Bearer YTpi",
        "Basic:YTpi", "BasicYTpi", "Basic YWI=", "Basic YTpi=", "Basic YTp", "Basic YTo",
        "Basic ====", "Basic =Tpi", "Basic Y=pi", "Basic YT=i", "Basic YTpiY===", "Basic YT-i",
        "Basic YT_i", "Basic YTp\u{fffd}", "Digest username=\"a\"", "\u{212a}asic YTpi",
    ])
    func anythingElseIsNone(_ header: String) {
        #expect(BasicCredentials(header) == nil)
    }

    @Test func everyByteSurvives() {
        let bytes = Data((0...255).filter { $0 != 0x3a }) + Data([0x3a]) + Data(0...255)
        let credentials = BasicCredentials("Basic " + bytes.base64EncodedString())
        #expect(credentials?.user.count == 255)
        #expect(credentials?.password == Array(UInt8.min...UInt8.max))
    }

    /// The lesson of CVE-2022-46146: fields that run into one another make one key of two triples.
    @Test func noTwoTriplesHaveOneDigest() throws {
        let key = CredentialDigest.Key()
        let hashes = [BcryptHash.decoy(cost: 4), .decoy(cost: 5)]
        var digests: Set<CredentialDigest> = []
        var tripleCount = 0
        let fields = ["", "a", "ab", "aa", ":", "a:", ":a", "\0", "a\0", hashes[0].text]
        for user in fields {
            for password in fields {
                for hash in hashes {
                    let text = Data(user.utf8) + Data([0x3a]) + Data(password.utf8)
                    // A name with a colon is another name; the digest is of what was understood.
                    let header = "Basic " + text.base64EncodedString()
                    let credentials = try #require(BasicCredentials(header))
                    guard credentials.user == Array(user.utf8) else { continue }
                    digests.insert(
                        try #require(digest(credentials, hash, key)))
                    tripleCount += 1
                }
            }
        }
        #expect(digests.count == tripleCount)
        #expect(tripleCount > 100)
    }

    @Test func aDigestIsOfItsKey() throws {
        let credentials = try #require(BasicCredentials("Basic YTpi"))
        let hash = BcryptHash.decoy(cost: 4)
        let (one, other) = (CredentialDigest.Key(), CredentialDigest.Key())
        let own = digest(credentials, hash, one)
        #expect(own != nil && own == digest(credentials, hash, one))
        #expect(own != digest(credentials, hash, other))
    }

    @Test func theOldestVerdictMakesRoom() throws {
        let key = CredentialDigest.Key()
        let digests = try (0..<10).map { number in
            let header = "Basic " + Data("\(number):x".utf8).base64EncodedString()
            let credentials = try #require(BasicCredentials(header))
            return try #require(
                digest(credentials, .decoy(cost: 4), key))
        }
        var memory = VerdictCache(countMax: 3)
        for (count, digest) in digests.enumerated() {
            memory.insert(digest)
            memory.insert(digest)
            let known = digests.filter(memory.contains)
            #expect(known == Array(digests[max(0, count - 2)...count]))
        }
    }

    private func digest(
        _ credentials: BasicCredentials, _ hash: BcryptHash, _ key: CredentialDigest.Key
    ) -> CredentialDigest? {
        CredentialDigest(credentials, comparedWith: hash, isKnown: true, key)
    }
}
