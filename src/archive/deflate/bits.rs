//! Bits into bytes, least significant bit first, as RFC 1951 packs them.
//!
//! Knows nothing of codes or blocks. The room is made beforehand, in one piece, so that the hot
//! loops never ask the allocator.

/// Writes into room that was made at the end of a vector.
pub(super) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Whole bytes written; behind it lie only the zeros of the reserved room.
    len: usize,
    held: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    /// Appends to `out` from a byte border on.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        let len = out.len();
        Self { out, len, held: 0, count: 0 }
    }

    /// Makes room for so many more bits. Bits beyond the room would be lost, so each block asks
    /// for its computed size.
    pub(super) fn reserve(&mut self, bits: u64) {
        // Eight bytes more than needed, because whole words are stored.
        let bytes = usize::try_from(bits / 8).unwrap_or(usize::MAX).saturating_add(24);
        let needed = self.len.saturating_add(bytes);
        if self.out.len() < needed {
            self.out.resize(needed, 0);
        }
    }

    /// Adds bits. Between two calls of [`Self::flush`] there is room for 56.
    #[inline(always)]
    pub(super) fn add(&mut self, bits: u64, count: u32) {
        self.held |= bits << (self.count & 63);
        self.count += count;
    }

    /// Moves the whole bytes out; at most seven bits stay.
    #[inline(always)]
    pub(super) fn flush(&mut self) {
        let room = self.out.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut::<8>);
        if let Some(room) = room {
            *room = self.held.to_le_bytes();
        }
        let bytes = self.count >> 3;
        self.len += bytes as usize;
        self.held >>= (bytes << 3) & 63;
        self.count &= 7;
    }

    /// Adds bits and flushes; for everything that is not hot.
    pub(super) fn put(&mut self, bits: u64, count: u32) {
        self.add(bits, count);
        self.flush();
    }

    /// Zero bits up to the next byte border.
    pub(super) fn align(&mut self) {
        self.put(0, (8 - self.count) & 7);
    }

    /// Whole bytes; the writer must be aligned.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        let end = self.len.saturating_add(bytes.len());
        if let Some(room) = self.out.get_mut(self.len..end) {
            room.copy_from_slice(bytes);
        }
        self.len = end;
    }

    /// Gives the reserved room back that was not needed.
    pub(super) fn finish(mut self) {
        self.align();
        self.out.truncate(self.len);
    }
}
