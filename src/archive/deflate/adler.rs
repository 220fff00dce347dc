//! The checksum that closes a zlib stream, also of parts that were summed up apart.

/// The largest prime below 65536 (RFC 1950).
const BASE: u32 = 65521;

/// The Adler-32 of some bytes.
pub(in crate::archive) fn adler32(data: &[u8]) -> u32 {
    simd_adler32::adler32(&data)
}

/// The Adler-32 of two parts joined, from that of each and the length of the second.
pub(in crate::archive) fn adler32_combine(first: u32, second: u32, second_length: u64) -> u32 {
    let length = (second_length % u64::from(BASE)) as u32;
    let (first_sum, first_sums) = (first & 0xffff, first >> 16);
    let (second_sum, second_sums) = (second & 0xffff, second >> 16);
    // Each part's sum began with 1, so one of them is too many; and the first part's sum was added
    // once more for every byte of the second. No product or sum reaches 2^32.
    let less = (first_sum % BASE + BASE - 1) % BASE;
    let sum = (less + second_sum) % BASE;
    let sums = (length * less % BASE + first_sums % BASE + second_sums % BASE) % BASE;
    sums << 16 | sum
}
