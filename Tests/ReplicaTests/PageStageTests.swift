import LTX
import Testing
import TestSupport

@testable import Replica

@Suite struct PageStageTests {
    /// A stage in either order of its slots, and the directory it lives in.
    private static func stage(wholeDatabase: Bool) throws -> (TemporaryDirectory, PageStage) {
        let directory = try TemporaryDirectory()
        let stage = try PageStage(path: directory.path + "/stage", pageSize: PageSize(512)!)
        if wholeDatabase { stage.expectAllPages() }
        return (directory, stage)
    }

    private static func page(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 512) }

    @Test(arguments: [false, true])
    func `the newest content of a page counts`(wholeDatabase: Bool) throws {
        let (directory, stage) = try Self.stage(wholeDatabase: wholeDatabase)
        for (page, byte) in [(7, 1), (300, 2), (7, 3), (64, 4)] { try stage.put(UInt32(page), Self.page(UInt8(byte))) }
        #expect(stage.pageNumbers == [7, 64, 300])
        var bytes: [UInt8] = []
        for (page, byte) in [(7, 3), (300, 2), (64, 4)] {
            try stage.read(UInt32(page), into: &bytes)
            #expect(bytes == Self.page(UInt8(byte)))
        }
        extendLifetime(directory)
    }

    @Test(arguments: [false, true])
    func `what is cut off is forgotten`(wholeDatabase: Bool) throws {
        let (directory, stage) = try Self.stage(wholeDatabase: wholeDatabase)
        for page in 1...200 as ClosedRange<UInt32> { try stage.put(page, Self.page(1)) }
        stage.truncate(to: 100)
        stage.remove(50)
        stage.remove(51)
        stage.remove(51)
        #expect(stage.pageNumbers == Array(1...49) + Array(52...100))
        #expect(!stage.contains(50) && !stage.contains(101) && stage.contains(100))
        extendLifetime(directory)
    }

    @Test(arguments: [false, true])
    func `clearing empties it and brings the order of arrival back`(wholeDatabase: Bool) throws {
        let (directory, stage) = try Self.stage(wholeDatabase: wholeDatabase)
        try stage.put(9, Self.page(1))
        #expect(!stage.isEmpty)
        try stage.clear()
        #expect(stage.isEmpty && stage.pageNumbers.isEmpty && !stage.contains(9))
        try stage.put(4_000_000, Self.page(5))
        var bytes: [UInt8] = []
        try stage.read(4_000_000, into: &bytes)
        #expect(bytes == Self.page(5))
        extendLifetime(directory)
    }
}
