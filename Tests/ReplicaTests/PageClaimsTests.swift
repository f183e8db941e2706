import LTX
import Testing

@testable import Replica

@Suite struct PageClaimsTests {
    @Test(arguments: [65536, 32768])
    func `A database across 1 GiB is complete without the lock page`(pageSize: Int) throws {
        let size = PageSize(pageSize)!
        let header = LTXHeader(
            pageSize: size, commit: size.lockPage.rawValue + 2, name: LTXFileName(.first), timestampMilliseconds: 0)
        var claims = try PageClaims(newest: header, fileByteCount: 1 << 30)
        let bytes: [UInt8] = [1]
        for number in 1...header.commit where number != size.lockPage.rawValue {
            #expect(!claims.isComplete)
            _ = claims.claim(PageNumber(rawValue: number)!, bytes.span)
        }
        #expect(claims.isComplete)
        #expect(try claims.finish().commit == header.commit)
    }

    @Test func `A page is claimed once`() throws {
        let header = LTXHeader(
            pageSize: PageSize(512)!, commit: 3, name: LTXFileName(.first), timestampMilliseconds: 0)
        var claims = try PageClaims(newest: header, fileByteCount: 100)
        let bytes: [UInt8] = [1]
        let first = claims.claim(.first, bytes.span)
        let second = claims.claim(.first, bytes.span)
        #expect(first != nil && second == nil)
        #expect(throws: ReplicaError.missingPage(PageNumber(rawValue: 2)!, txid: .first)) { try claims.finish() }
    }
}
