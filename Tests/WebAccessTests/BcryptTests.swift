import Foundation
import TestSupport
import Testing
import WebConfiguration

@testable import WebAccess

struct BcryptTests {
    private static let hash = "$2b$04$abcdefghijklmnopqrstuuBFGp.gmStz43J29CiCp2SV8Kbb5CVQa"

    private func verify(_ password: String, _ hash: String) throws -> Bool {
        Bcrypt.verify(Array(password.utf8), try BcryptHash(hash))
    }

    @Test(arguments: ["$2a$", "$2b$", "$2y$"])
    func aPasswordIsHeldAgainstItsHash(_ version: String) throws {
        let hash = version + Self.hash.dropFirst(4)
        #expect(try verify("pässwörd:with:colons", hash))
        #expect(try !verify("pässwörd:with:colons ", hash))
        #expect(try !verify("Pässwörd:with:colons", hash))
        #expect(try !verify("", hash))
    }

    @Test func theEmptyPasswordIsOne() throws {
        let hash = "$2b$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq"
        #expect(try verify("", hash))
        #expect(try !verify("\0", hash))
        #expect(try !verify("a", hash))
    }

    @Test func aPasswordDoesNotEndAtANUL() throws {
        #expect(try !verify("pässwörd:with:colons\0", Self.hash))
        #expect(try !verify("pässwörd:with:colons\0more", Self.hash))
    }

    /// As bcrypt has it everywhere, in Go too.
    @Test func bytesBeyondTheSeventySecondDoNotCount() throws {
        let hash = "$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i"
        let whole = String(repeating: "x", count: 72)
        #expect(try verify(whole, hash))
        #expect(try verify(whole + String(repeating: "y", count: 5000), hash))
        #expect(try !verify(String(whole.dropLast()), hash))
    }

    @Test func nobodyHasADecoysPassword() {
        for password in ["", "password", "secret"] {
            #expect(!Bcrypt.verify(Array(password.utf8), .decoy(cost: 4)))
        }
        #expect(BcryptHash.decoy(cost: 12).text.hasPrefix("$2b$12$"))
    }

    @Test(.requires(.tool("htpasswd")), arguments: [4, 5, 6])
    func whatHtpasswdMakesIsVerified(_ cost: Int) throws {
        let password = "pässword \(cost)"
        let made = try run("htpasswd", ["-nbBC", "\(cost)", "", password])
        let hash = String(made.standardOutput.drop { $0 != "$" }.prefix { !$0.isNewline })
        #expect(try verify(password, hash))
        #expect(try !verify(password + "x", hash))
    }
}
