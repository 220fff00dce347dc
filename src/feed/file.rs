//! A text in a file of this machine.

use std::path::Path;

use tokio::io::AsyncReadExt;

use super::text::Answer;
use super::{FeedError, MAX_BYTES};

/// The file's bytes, up to the limit.
pub(super) async fn read(path: &Path) -> Result<Answer, FeedError> {
    let failed = |reason: String| FeedError::File { path: path.into(), reason };
    let io = |error: std::io::Error| failed(error.kind().to_string());
    // A pipe or a device would let us wait for ever.
    if !tokio::fs::metadata(path).await.map_err(io)?.is_file() {
        return Err(failed("not a regular file".to_owned()));
    }
    let file = tokio::fs::File::open(path).await.map_err(io)?;
    let mut bytes = Vec::new();
    // One more than allowed: a file may grow while it is read.
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most).read_to_end(&mut bytes).await.map_err(io)?;
    if bytes.len() > MAX_BYTES {
        return Err(FeedError::TooLarge { place: path.display().to_string(), limit: MAX_BYTES });
    }
    Ok(Answer { bytes, content_type: None })
}
