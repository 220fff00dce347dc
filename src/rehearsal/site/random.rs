//! Tokens that cannot be guessed: session ids, csrf tokens, codes, passwords.

use super::SiteError;

/// `bytes` random bytes as lower-case hexadecimal digits.
pub(in crate::rehearsal) fn token(bytes: usize) -> Result<String, SiteError> {
    let mut buffer = vec![0; bytes];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut buffer)
        .map_err(|_| SiteError::NoRandomness)?;
    Ok(hex::encode(buffer))
}
