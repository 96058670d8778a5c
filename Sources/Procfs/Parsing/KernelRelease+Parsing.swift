package import TCPModel

extension KernelRelease {
    /// - Parameter text: `6.1.0-56-cloud-amd64`, as `/proc/sys/kernel/osrelease` has it.
    package init?(text: [UInt8]) {
        let numbers = text.split(separator: UInt8(ascii: "."), maxSplits: 2)
            .map { $0.prefix { (0x30...0x39).contains($0) } }
        guard numbers.count >= 2,
            let major = UInt64(decimal: numbers[0]).flatMap(Int.init(exactly:)),
            let minor = UInt64(decimal: numbers[1]).flatMap(Int.init(exactly:))
        else { return nil }
        self.init(major, minor)
    }
}
