/// The running checksum of a WAL: two 32-bit sums over pairs of 32-bit words.
///
/// Source: https://www.sqlite.org/fileformat2.html#checksum_algorithm
package struct WALChecksum: Hashable, Sendable {
    /// The sum over the even words.
    package var sum1: UInt32
    /// The sum over the odd words.
    package var sum2: UInt32

    /// The sums as they stand after some bytes; zero and zero before the first.
    package init(_ sum1: UInt32 = 0, _ sum2: UInt32 = 0) {
        self.sum1 = sum1
        self.sum2 = sum2
    }

    /// Takes in more bytes, a multiple of 8 of them, as words of the given byte order.
    package mutating func update(_ bytes: Span<UInt8>, bigEndian: Bool) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe update(UnsafeRawBufferPointer(buffer), bigEndian: bigEndian)
        }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer, bigEndian: Bool) {
        precondition(bytes.count % 8 == 0, "BUG: WAL checksums run over pairs of words")
        var (a, b) = (sum1, sum2)
        if bigEndian == (1.bigEndian == 1) {
            for offset in stride(from: 0, to: bytes.count, by: 8) {
                a = unsafe a &+ bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self) &+ b
                b = unsafe b &+ bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self) &+ a
            }
        } else {
            for offset in stride(from: 0, to: bytes.count, by: 8) {
                a = unsafe a &+ bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).byteSwapped &+ b
                b = unsafe b &+ bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self).byteSwapped &+ a
            }
        }
        (sum1, sum2) = (a, b)
    }
}

/// The two numbers that tell one generation of a WAL from the next; every frame repeats them.
///
/// Source: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
package struct WALSalts: Hashable, Sendable {
    /// Grows by one with every restart of the WAL.
    package var salt1: UInt32
    /// Random, anew with every restart of the WAL.
    package var salt2: UInt32

    /// The salts as numbers, read big-endian from the WAL.
    package init(_ salt1: UInt32, _ salt2: UInt32) {
        self.salt1 = salt1
        self.salt2 = salt2
    }

    /// What stands in the WAL-index while there is no WAL, or an empty one.
    package static let none = WALSalts(0, 0)
}
