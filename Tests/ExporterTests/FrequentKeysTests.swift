import Testing

@testable import Exporter

/// The most frequent key, beside an exact count.
struct FrequentKeysTests {
    struct Number: SeededHashable {
        var value: Int

        func hash(_ seed: HashSeed) -> UInt64 { seed.mix(UInt64(value), 0) }
    }

    @Test(arguments: [1, 2, 10, 4096], [1, 5, 100, 5000])
    func itIsExactUpToTheMostKeysAndNeverFartherOffThanPromised(_ keysMax: Int, _ keyCount: Int) {
        var frequent = FrequentKeys<Number>(keysMax: keysMax)
        for _ in 0..<2 {  // The second time with memory from before.
            frequent.removeAll()
            var exact: [Int: UInt64] = [:]
            let count = 20_000
            for _ in 0..<count {
                let key = Int.random(in: 0..<keyCount) * Int.random(in: 0...1)
                exact[key, default: 0] += 1
                frequent.count(Number(value: key))
            }
            let most = exact.values.max() ?? 0
            #expect(frequent.greatestCount <= most)
            let error = exact.count <= keysMax ? 0 : UInt64(count / (keysMax + 1))
            #expect(frequent.greatestCount + error >= most)
        }
    }

    @Test func withoutKeysItIsNone() {
        #expect(FrequentKeys<Number>(keysMax: 5).greatestCount == 0)
    }

    @Test func keysAreNumberedInTheirOrder() {
        var numbers = KeyNumbers<Number>()
        let keys: [Int] = (0..<10_000).map { $0 * 7919 }
        for (number, key) in keys.enumerated() {
            #expect(numbers.find(Number(value: key)) == nil)
            #expect(numbers.number(of: Number(value: key)) == number)
        }
        for (number, key) in keys.enumerated() {
            #expect(numbers.number(of: Number(value: key)) == number)
        }
        numbers.removeAll()
        #expect(numbers.find(Number(value: 0)) == nil)
        #expect(numbers.count == 0)
    }
}
