import ByteText
import Testing

@testable import Exposition

struct NumberTests {
    @Test(arguments: [0, 1, 9, 10, 11, 99, 100, 1_000_000_007, UInt64.max / 10, .max - 1, .max])
    func wholeNumbersAreWrittenInDecimalDigits(_ number: UInt64) {
        #expect(appended { $0.append(decimal: number) } == String(number))
    }

    @Test func randomWholeNumbersOfEveryLengthAreWrittenInDecimalDigits() {
        for shift in 0..<64 {
            for _ in 0..<200 {
                let number = UInt64.random(in: 0...UInt64.max) >> UInt64(shift)
                #expect(appended { $0.append(decimal: number) } == String(number))
            }
        }
    }

    @Test(arguments: [
        (0, "0.0"), (1, "1.0"), (-1.5, "-1.5"), (0.1, "0.1"), (1e-7, "1e-07"), (1e22, "1e+22"),
        (Double.leastNonzeroMagnitude, "5e-324"),
        (Double.greatestFiniteMagnitude, "1.7976931348623157e+308"),
        (Double.nan, "NaN"), (Double.infinity, "+Inf"), (-Double.infinity, "-Inf"),
    ])
    func measuresAreSpelledAsGoReadsThem(_ number: Double, _ expected: String) {
        #expect(appended { $0.append(number) } == expected)
    }

    /// ParseFloat's grammar, of what is no special value.
    @Test func measuresComeBackAsTheyWere() throws {
        for _ in 0..<5_000 {
            let number = Double(bitPattern: .random(in: 0...UInt64.max))
            guard number.isFinite else { continue }
            let spelling = appended { $0.append(number) }
            let isReadable = spelling.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?/) != nil
            #expect(isReadable, "\(spelling)")
            #expect(Double(spelling) == number)
        }
    }
}
