//! The part of a PNG that pixels are made of. Everything else in it (texts, profiles, animations, EXIF) may unpack to
//! gigabytes and is of no use for a picture that is encoded anew, so no decoder gets to see it.

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Length, name and sum of a chunk.
const AROUND: usize = 12;

/// The picture with nothing but header, palette, transparency and pixels; none when it ends before its end.
#[must_use]
pub fn essential(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let mut out = SIGNATURE.to_vec();
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let name = after.get(..4)?;
        let chunk = rest.get(..length.checked_add(AROUND)?)?;
        if matches!(name, b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" | b"IEND") {
            out.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            return Some(out);
        }
        rest = rest.get(chunk.len()..)?;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;
    use std::io::Cursor;

    #[test]
    fn only_what_pixels_are_made_of_is_left() {
        let picture = image::RgbImage::from_fn(20, 10, |x, y| image::Rgb([u8::try_from(x * y).unwrap(), 3, 9]));
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let plain = bytes.into_inner();
        // The sum of a chunk that is left out is nobody's business.
        let note = [&5_u32.to_be_bytes()[..], b"tEXt", b"hello", &[0; 4]].concat();
        let noted = [&plain[..33], &note, &plain[33..], b"and more"].concat();
        let left = essential(&noted).unwrap();
        assert_eq!(left, essential(&plain).unwrap());
        assert_eq!(image::load_from_memory(&left).unwrap().into_rgb8(), picture);
        assert_eq!(essential(&plain[..plain.len() - 1]), None);
        assert_eq!(essential(b"GIF89a"), None);
    }
}
