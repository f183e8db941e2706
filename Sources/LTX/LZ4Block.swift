import CLZ4

/// Raw LZ4 blocks (no frame, no length in front), as LTX files hold their pages.
///
/// Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
enum LZ4Block {
    /// The most bytes that a block of `byteCount` bytes may take; random bytes grow.
    static func bound(_ byteCount: Int) -> Int { Int(LZ4_compressBound(Int32(byteCount))) }

    /// Compresses `source` into the beginning of `target`, which has room for `bound(source.count)`;
    /// returns how many bytes it took.
    static func compress(_ source: Span<UInt8>, into target: inout [UInt8]) -> Int {
        // Both pointers stay inside the call, and liblz4 writes at most the capacity that it is given.
        let count = unsafe source.withUnsafeBytes { from in
            unsafe target.withUnsafeMutableBytes { to in
                unsafe LZ4_compress_default(
                    from.baseAddress?.assumingMemoryBound(to: CChar.self),
                    to.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(from.count), Int32(to.count))
            }
        }
        precondition(count > 0, "BUG: LZ4 target smaller than its bound")
        return Int(count)
    }

    /// Decompresses `source`, which may be hostile, over `target`. False unless it fills it exactly.
    static func decompress(_ source: Span<UInt8>, into target: inout [UInt8]) -> Bool {
        // LZ4_decompress_safe neither reads nor writes outside of the two lengths, whatever the bytes say.
        let count = unsafe source.withUnsafeBytes { from in
            unsafe target.withUnsafeMutableBytes { to in
                unsafe LZ4_decompress_safe(
                    from.baseAddress?.assumingMemoryBound(to: CChar.self),
                    to.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(from.count), Int32(to.count))
            }
        }
        return Int(count) == target.count
    }
}
