import Foundation
import Linux
import Logging
import Testing

@testable import Exporter

struct LogWriterTests {
    private let pipe = Pipe()

    private func line(_ number: Int) -> [UInt8] {
        Array("\(number) \(String(repeating: "x", count: 100))\n".utf8)
    }

    /// What is in the pipe once its other end is closed.
    private func read() throws -> [Substring] {
        try pipe.fileHandleForWriting.close()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n")
    }

    @Test func linesComeInTheirOrder() throws {
        let writer = LogWriter(pipe.fileHandleForWriting.fileDescriptor)
        for number in 0..<200 { writer.write(line(number)) }
        writer.flush(within: .seconds(20))
        let numbers = try read().map { $0.prefix { $0 != " " } }
        #expect(numbers == (0..<200).map { "\($0)" })
        #expect(writer.droppedCount == 0)
    }

    @Test func aPipeThatNobodyReadsHoldsNobodyUp() throws {
        let writer = LogWriter(pipe.fileHandleForWriting.fileDescriptor)
        // Four times what pipe and queue hold together.
        let count = 4 * (LogWriter.queueByteCountMax + 65_536) / line(0).count
        for number in 0..<count { writer.write(line(number)) }
        #expect(writer.droppedCount > count / 2)
        writer.flush(within: .milliseconds(10))
        // Once it is read, all that was taken comes, and lines are whole.
        let reader = pipe.fileHandleForReading
        let received = ConditionLock<[UInt8]>([])
        Linux.Thread.detach {
            while case let data = reader.availableData, !data.isEmpty {
                received.update { $0 += data }
            }
        }
        writer.flush(within: .seconds(20))
        writer.write(Array("the end\n".utf8))
        writer.flush(within: .seconds(20))
        let bytes = received.wait(until: .now + .seconds(20)) { bytes in
            bytes.suffix(8).elementsEqual("the end\n".utf8) ? bytes : nil
        }
        let lines = String(decoding: try #require(bytes), as: UTF8.self).split(separator: "\n")
        #expect(lines.count + Int(writer.droppedCount) == count + 1)
        #expect(lines.dropLast().allSatisfy { $0.hasSuffix(String(repeating: "x", count: 100)) })
        try pipe.fileHandleForWriting.close()
    }

    @Test func aLineThatCannotBeWrittenIsCounted() {
        let writer = LogWriter(pipe.fileHandleForReading.fileDescriptor)
        for number in 0..<3 { writer.write(line(number)) }
        writer.flush(within: .seconds(20))
        #expect(writer.droppedCount == 3)
    }

    @Test(arguments: [
        (Logger.Level.debug, "<7>"), (.info, "<6>"), (.notice, "<5>"), (.warning, "<4>"),
        (.error, "<3>"), (.critical, "<2>"),
    ])
    func theJournalIsToldThePriority(_ level: Logger.Level, _ prefix: String) throws {
        let writer = LogWriter(pipe.fileHandleForWriting.fileDescriptor)
        for isJournal in [true, false] {
            let output = LogOutput(
                level: .debug, format: .logfmt, writer: writer, isJournal: isJournal)
            output.log(
                event: LogEvent(
                    level: level, message: "hello", metadata: nil, source: "", file: "",
                    function: "", line: 0))
        }
        writer.flush(within: .seconds(20))
        let lines = try read()
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("\(prefix)time=") == true)
        #expect(lines.last?.hasPrefix("time=") == true)
    }

    @Test func theJournalsStreamIsKnownByDeviceAndInode() throws {
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        var status = stat()
        try #require(unsafe fstat(descriptor, &status) == 0)
        #expect(JournalStream.isDescriptor(descriptor, "\(status.st_dev):\(status.st_ino)"))
        for other in ["", "8:1", "\(status.st_dev):\(status.st_ino)0", "\(status.st_ino)"] {
            #expect(!JournalStream.isDescriptor(descriptor, other))
        }
    }
}
