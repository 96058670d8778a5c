import Exposition
import Linux

/// What the last scrapes counted, in bounded memory.
///
/// A point has the values of its last scrape, and a scrape after `pointDuration` begins the next one: the
/// memory reaches back half an hour, however often somebody scrapes.
struct ScrapeHistory: Sendable {
    static let pointsMax = 64
    static let pointDuration = Duration.seconds(30)
    /// A quarter of a megabyte.
    static let seriesMax = 1024

    /// What is counted.
    enum Key: Hashable, Sendable {
        /// The sockets of all namespaces.
        case sockets
        /// Those of a module, by the labels of its series and that of its namespace.
        case module(LabelSet, String)
        /// Those of them that are closed by the peer alone.
        case closeWait(LabelSet, String)
        /// The connection attempts that a listener has dropped, by the same.
        case drops(LabelSet, String)
    }

    /// A value, and when it was counted.
    struct Point: Equatable {
        var time: MonotonicTime
        var value: UInt32
    }

    private struct Column {
        /// Of its first and of its last scrape.
        var start: MonotonicTime
        var time: MonotonicTime
        /// Whether a series without a value had none: else it may not have been counted.
        var isComplete = true
    }

    private struct Place {
        var index: Int
        /// The number of the last point that has a value.
        var lastPoint: Int
    }

    private static let absent = UInt32.max

    private var places: [Key: Place] = [:]
    private var free: [Int] = []
    /// `pointsMax` values for each place.
    private var values: [UInt32] = []
    private var columns: [Column] = []
    /// How many points were begun.
    private var pointCount = 0

    private var column: Int { (pointCount - 1) % Self.pointsMax }
}

// MARK: - Writing

extension ScrapeHistory {
    /// Begins a scrape that has read the table.
    mutating func begin(at now: MonotonicTime) {
        if pointCount > 0, now - columns[column].start < Self.pointDuration {
            columns[column].time = now
            columns[column].isComplete = true
        } else {
            pointCount += 1
            let new = Column(start: now, time: now)
            if columns.count < Self.pointsMax { columns.append(new) } else { columns[column] = new }
            forgetOld()
        }
        for index in stride(from: column, to: values.count, by: Self.pointsMax) {
            values[index] = Self.absent
        }
    }

    /// Notes a value of this scrape; what is not noted is 0.
    mutating func note(_ key: Key, _ value: UInt64) {
        guard value > 0 else { return }
        let place: Int
        if let known = places.index(forKey: key) {
            places.values[known].lastPoint = pointCount
            place = places.values[known].index
        } else {
            guard let new = makePlace() else { return noteIncomplete() }
            places[key] = Place(index: new, lastPoint: pointCount)
            place = new
        }
        values[place * Self.pointsMax + column] = min(UInt32(clamping: value), Self.absent - 1)
    }

    /// Notes that not everything could be counted.
    mutating func noteIncomplete() {
        columns[column].isComplete = false
    }

    private mutating func makePlace() -> Int? {
        if let place = free.popLast() { return place }
        guard values.count < Self.seriesMax * Self.pointsMax else { return nil }
        values += repeatElement(Self.absent, count: Self.pointsMax)
        return values.count / Self.pointsMax - 1
    }

    /// Forgets the series of which no point is left.
    private mutating func forgetOld() {
        let gone = places.filter { $0.value.lastPoint <= pointCount - Self.pointsMax }
        for (key, place) in gone {
            places[key] = nil
            let start = place.index * Self.pointsMax
            for index in start..<start + Self.pointsMax { values[index] = Self.absent }
            free.append(place.index)
        }
    }
}

// MARK: - Reading

extension ScrapeHistory {
    /// The known values of a series, oldest first, 0 where it had none.
    func points(of key: Key) -> [Point] {
        let place = places[key]?.index
        let first = max(0, pointCount - Self.pointsMax)
        return (first..<pointCount).compactMap { number in
            let column = number % Self.pointsMax
            let value = place.map { values[$0 * Self.pointsMax + column] } ?? Self.absent
            guard value == Self.absent else {
                return Point(time: columns[column].time, value: value)
            }
            return columns[column].isComplete ? Point(time: columns[column].time, value: 0) : nil
        }
    }
}
