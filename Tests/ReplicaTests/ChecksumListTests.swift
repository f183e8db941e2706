import LTX
import TestSupport
import Testing

@testable import Replica

@Suite struct ChecksumListTests {
    @Test(arguments: [0, 1, 8191, 8192, 8193, 20_000])
    func `a list of any length arrives in the table, and leaves no scratch file`(count: Int) throws {
        let directory = try TemporaryDirectory()
        let table = try PageChecksums(path: directory.file("table"))
        var expected = Checksum.empty
        do {
            let list = ChecksumList(scratch: directory.file("scratch"))
            for page in 0..<count {
                let checksum = Checksum(rawValue: UInt64(page) &* 0x9e37_79b9_7f4a_7c15)
                // Every third page is left out.
                try list.append(UInt32(page + page / 2 + 1), checksum)
                expected = expected.toggling(checksum)
            }
            #expect(list.count == count)
            try list.store(in: table)
        }
        #expect(try table.total() == expected)
        #expect(try directory.names == ["table"])
    }
}
