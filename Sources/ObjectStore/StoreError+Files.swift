import Files

extension StoreError {
    /// What a file call's failure means for the object that it was made for.
    init(_ error: FileError, key: String) {
        if error.isFull {
            self = .full(key: key)
        } else if error.isDenied || error.isMisplaced {
            self = .denied(key: key, reason: error.description)
        } else {
            self = .unavailable(key: key, reason: error.description)
        }
    }
}
