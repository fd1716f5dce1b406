//! A published picture in the shapes advertisements have. Always the whole picture on a calm ground, never a part of it: a
//! face that is cut off is another picture than the one that was authorised.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{ImageError, Rgb, RgbImage};

/// 1.91 : 1, above every platform's least (600 x 314).
const LANDSCAPE: (u32, u32) = (1200, 628);
/// 1 : 1, above every platform's least (300 x 300).
const SQUARE: (u32, u32) = (1080, 1080);
/// Light grey: neither the white of a page nor the black of a mourning band.
const GROUND: Rgb<u8> = Rgb([0xEC, 0xEC, 0xEC]);
const QUALITY: u8 = 88;

fn laid(picture: &RgbImage, (width, height): (u32, u32)) -> Result<Vec<u8>, ImageError> {
    // The larger of the two that fits; products of sides below 2^32 fit 64 bits.
    let (w, h) = (u64::from(picture.width()), u64::from(picture.height()));
    let by_width = u64::from(width) * h <= u64::from(height) * w;
    let (fits_w, fits_h) = if by_width {
        (u64::from(width), u64::from(width) * h / w.max(1))
    } else {
        (u64::from(height) * w / h.max(1), u64::from(height))
    };
    let side = |side: u64, most: u32| u32::try_from(side).unwrap_or(most).clamp(1, most);
    let (fits_w, fits_h) = (side(fits_w, width), side(fits_h, height));
    let small = imageops::resize(picture, fits_w, fits_h, FilterType::CatmullRom);
    let mut ground = RgbImage::from_pixel(width, height, GROUND);
    imageops::overlay(&mut ground, &small, i64::from((width - fits_w) / 2), i64::from((height - fits_h) / 2));
    let mut bytes = Cursor::new(Vec::new());
    ground.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
    Ok(bytes.into_inner())
}

/// Landscape and square, as JPEG, of a picture that was cleaned before.
pub fn shapes(bytes: &[u8]) -> Result<(Vec<u8>, Vec<u8>), ImageError> {
    let picture = image::load_from_memory(bytes)?.into_rgb8();
    Ok((laid(&picture, LANDSCAPE)?, laid(&picture, SQUARE)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may")]
    use super::*;

    #[test]
    fn the_whole_picture_is_shown_in_both_shapes() {
        // A portrait with a red frame: none of it may be cut off.
        let mut portrait = RgbImage::from_pixel(300, 500, Rgb([10, 20, 200]));
        for (x, y, pixel) in portrait.enumerate_pixels_mut() {
            if !(20..280).contains(&x) || !(20..480).contains(&y) {
                *pixel = Rgb([220, 10, 10]);
            }
        }
        let mut bytes = Cursor::new(Vec::new());
        portrait.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let (landscape, square) = shapes(&bytes.into_inner()).unwrap();
        for (shape, (width, height)) in [(landscape, LANDSCAPE), (square, SQUARE)] {
            let shown = image::load_from_memory(&shape).unwrap().into_rgb8();
            assert_eq!(shown.dimensions(), (width, height));
            let is_red = |x: u32, y: u32| shown.get_pixel(x, y).0[0] > 180 && shown.get_pixel(x, y).0[1] < 90;
            let middle = width / 2;
            assert!(is_red(middle, 4) && is_red(middle, height - 5), "top and bottom of the frame are there");
            let across = height * 300 / 500;
            assert!(is_red(middle - across / 2 + 4, height / 2) && is_red(middle + across / 2 - 5, height / 2));
            assert!(shown.get_pixel(2, 2).0[0] > 200 && shown.get_pixel(2, 2).0[1] > 200, "the ground is calm");
        }
        assert!(shapes(b"nothing").is_err());
    }
}
