//! The files pages refer to, embedded: one style sheet, one icon, one script. Served under their path with their tag.

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// An embedded file.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Where pages look for it.
    pub path: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
    /// A strong entity tag, quotes included.
    pub etag: String,
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset("/assets/tocsin.css", "text/css; charset=utf-8", include_bytes!("assets/tocsin.css")),
        asset("/assets/tocsin.svg", "image/svg+xml", include_bytes!("assets/tocsin.svg")),
        asset("/assets/work.js", "text/javascript; charset=utf-8", include_bytes!("assets/work.js")),
    ]
});

/// All of them.
#[must_use]
pub fn assets() -> &'static [Asset] {
    &*ASSETS
}

fn asset(path: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let mut etag = String::from("\"");
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    Asset { path, content_type, bytes, etag }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_asks_for_nothing_else() {
        for asset in assets() {
            assert_eq!(asset.etag.len(), 66);
            let text = String::from_utf8_lossy(asset.bytes);
            for forbidden in ["url(", "@import", "@font-face", "<script", "href="] {
                assert!(!text.contains(forbidden), "{}: {forbidden}", asset.path);
            }
        }
    }
}
