//! Is a JPEG whole? Lenient decoders paint the missing rest grey, and half a face must not be broadcast.
//! Reads markers only; pixels are left to the decoder.

/// Walks the segments to the scan data and looks for the end-of-image marker there. Earlier ones do not count: they
/// belong to the thumbnail inside the EXIF segment.
#[must_use]
pub fn is_whole(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(&[0xFF, 0xD8]) else {
        return false;
    };
    loop {
        rest = match rest {
            // Any number of fill bytes may stand before a marker.
            [0xFF, 0xFF, ..] => rest.get(1..).unwrap_or_default(),
            // The end before any scan data, or no end at all.
            [0xFF, 0xD9, ..] | [] => return false,
            [0xFF, 0xDA, scan @ ..] => return ends(scan),
            // Markers that stand alone, without a length.
            [0xFF, 0x01 | 0xD0..=0xD7, after @ ..] => after,
            [0xFF, _, high, low, ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                match rest.get(2 + length..) {
                    Some(after) if length >= 2 => after,
                    _ => return false,
                }
            }
            // Rubbish between segments is skipped, as decoders do.
            [_, after @ ..] => after,
        };
    }
}

/// What of a JPEG decides how much work it is.
pub struct Shape {
    /// See [`is_whole`].
    pub whole: bool,
    /// Its decoder keeps all coefficients until the last scan.
    pub progressive: bool,
    /// Scans, those of thumbnails included.
    pub scans: usize,
}

/// Reads the markers of a whole file: in scan data no `FF DA` can stand by chance.
#[must_use]
pub fn shape(bytes: &[u8]) -> Shape {
    let marks = |mark: u8| bytes.windows(2).filter(move |pair| *pair == [0xFF, mark]);
    Shape { whole: is_whole(bytes), progressive: marks(0xC2).next().is_some(), scans: marks(0xDA).count() }
}

/// In scan data 0xFF is followed by 0x00 or a restart number, so `FF D9` can only be the end.
fn ends(scan: &[u8]) -> bool {
    scan.windows(2).any(|pair| pair == [0xFF, 0xD9])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_inside_a_thumbnail_does_not_count() {
        let app1 = [0xFF, 0xE1, 0x00, 0x04, 0xFF, 0xD9];
        let scan = [0xFF, 0xDA, 0x00, 0x02, 0x11, 0xFF, 0x00];
        let cut: Vec<u8> = [&[0xFF, 0xD8][..], &app1, &scan].concat();
        assert!(!is_whole(&cut));
        assert!(is_whole(&[&cut[..], &[0xFF, 0xD9, 0x01, 0x02]].concat()));
    }

    #[test]
    fn a_segment_longer_than_the_file_is_not_whole() {
        assert!(!is_whole(&[0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 0x00]));
        assert!(!is_whole(&[0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x00, 0x00, 0x00]));
        assert!(!is_whole(&[]));
    }
}
