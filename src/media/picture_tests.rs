//! What must never survive cleaning, and what must never make it panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]

use image::{GrayImage, ImageEncoder as _, Luma, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

fn jpeg_of(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(picture).unwrap();
    bytes
}

fn png_of(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Left half red, right half blue.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([230, 20, 20]) } else { Rgb([20, 20, 230]) })
}

/// A big-endian TIFF block: orientation, a GPS directory with a latitude reference, and a telling string.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\x00\x2A\x00\x00\x00\x08".to_vec();
    tiff.extend([0, 2]);
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend([0, 1]);
    tiff.extend([0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend(b"GPS-SECRET-50.8503N");
    tiff
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let mut segment = vec![0xFF, marker];
    segment.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
    segment.extend(body);
    segment
}

fn with_metadata(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend(segment(0xE1, &[b"Exif\0\0".as_slice(), &exif(orientation)].concat()));
    bytes.extend(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>XMP-SECRET</x:xmpmeta>"));
    bytes.extend(segment(0xE2, b"ICC_PROFILE\0\x01\x01ICC-SECRET"));
    bytes.extend(segment(0xED, b"Photoshop 3.0\0IPTC-SECRET"));
    bytes.extend(segment(0xFE, b"COMMENT-SECRET"));
    bytes.extend(&jpeg[2..]);
    bytes.extend(b"TRAILING-SECRET PK\x03\x04");
    bytes
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

#[test]
fn nothing_but_pixels_survives() {
    let upload = with_metadata(&jpeg_of(&halves(640, 400)), 1);
    assert!(contains(&upload, b"GPS-SECRET"));
    let picture = clean(&upload).unwrap();
    assert_eq!(picture.renditions.len(), 3);
    for rendition in &picture.renditions {
        for word in [&b"SECRET"[..], b"Exif", b"xmpmeta", b"ICC_PROFILE", b"Photoshop", b"PK\x03\x04"] {
            assert!(!contains(&rendition.bytes, word), "{rendition:?}");
        }
        assert!(rendition.bytes.ends_with(&[0xFF, 0xD9]));
        let mut decoder = image::codecs::jpeg::JpegDecoder::new(Cursor::new(&rendition.bytes)).unwrap();
        assert_eq!(decoder.exif_metadata().unwrap(), None);
        assert_eq!(decoder.icc_profile().unwrap(), None);
        assert_eq!(decoder.xmp_metadata().unwrap(), None);
        assert_eq!(digest_of(&rendition.bytes), rendition.digest);
    }
}

#[test]
fn a_photograph_taken_sideways_is_turned_upright() {
    let upload = with_metadata(&jpeg_of(&halves(600, 300)), 6);
    let picture = clean(&upload).unwrap();
    assert_eq!((picture.renditions[0].width, picture.renditions[0].height), (300, 600));
    let pixels = image::load_from_memory(&picture.renditions[0].bytes).unwrap().into_rgb8();
    // Orientation 6 means: turn clockwise, so the left (red) half becomes the upper one.
    assert!(pixels.get_pixel(150, 100).0[0] > 200);
    assert!(pixels.get_pixel(150, 500).0[2] > 200);
}

#[test]
fn sizes_are_cut_but_never_blown_up() {
    let sizes =
        |bytes: &[u8]| clean(bytes).unwrap().renditions.iter().map(|r| (r.name, r.width, r.height)).collect::<Vec<_>>();
    let big = sizes(&jpeg_of(&halves(2400, 1200)));
    assert_eq!(big, [("master", 2000, 1000), ("large", 1280, 640), ("small", 480, 240)]);
    let little = sizes(&jpeg_of(&halves(30, 60)));
    assert_eq!(little, [("master", 30, 60), ("large", 30, 60), ("small", 30, 60)]);
    let strip = sizes(&jpeg_of(&halves(4000, 1)));
    assert_eq!(strip[2], ("small", 480, 1));
}

#[test]
fn the_same_upload_gives_the_same_bytes() {
    let upload = jpeg_of(&halves(1500, 900));
    assert_eq!(clean(&upload).unwrap(), clean(&upload).unwrap());
}

#[test]
fn transparency_becomes_white_paper() {
    let mut picture = RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0]));
    for x in 0..40 {
        for y in 20..40 {
            picture.put_pixel(x, y, Rgba([0, 0, 0, 128]));
        }
    }
    let clean = clean(&png_of(&DynamicImage::ImageRgba8(picture))).unwrap();
    let pixels = image::load_from_memory(&clean.renditions[0].bytes).unwrap().into_rgb8();
    assert!(pixels.get_pixel(20, 5).0.iter().all(|channel| *channel > 250));
    assert!(pixels.get_pixel(20, 35).0.iter().all(|channel| (120..136).contains(channel)));
    assert_eq!((over_white(7, 0), over_white(7, 255), over_white(0, 128)), (255, 7, 127));
}

#[test]
fn png_and_webp_are_accepted_in_every_depth() {
    let gray = GrayImage::from_pixel(50, 50, Luma([90]));
    for picture in [
        DynamicImage::ImageLuma8(gray.clone()),
        DynamicImage::ImageLuma16(DynamicImage::ImageLuma8(gray.clone()).into_luma16()),
        DynamicImage::ImageRgba16(DynamicImage::ImageLuma8(gray.clone()).into_rgba16()),
    ] {
        assert_eq!(clean(&png_of(&picture)).unwrap().renditions[0].width, 50);
    }
    let mut webp = Vec::new();
    let rgb = halves(50, 40);
    image::codecs::webp::WebPEncoder::new_lossless(&mut webp)
        .write_image(rgb.as_raw(), 50, 40, image::ExtendedColorType::Rgb8)
        .unwrap();
    assert_eq!(clean(&webp).unwrap().renditions[0].height, 40);
}

#[test]
fn every_refusal_has_its_code() {
    let code = |bytes: &[u8]| clean(bytes).unwrap_err().code();
    assert_eq!(code(&vec![0xFF; MAX_BYTES + 1]), "too-large");
    assert_eq!(code(b""), "not-a-picture");
    assert_eq!(code(b"%PDF-1.7 and so on"), "not-a-picture");
    assert_eq!(code(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "unsupported-type");
    assert_eq!(code(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), "unsupported-type");
    assert_eq!(code(b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"), "unsupported-type");
    let whole = jpeg_of(&halves(300, 300));
    assert_eq!(code(&whole[..whole.len() / 2]), "broken");
    let png = png_of(&DynamicImage::ImageRgb8(halves(300, 300)));
    assert_eq!(code(&png[..png.len() / 2]), "broken");
}

/// A PNG header can promise anything; its checksum is right, its pixels are absent.
fn png_promising(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    bytes.extend(&header);
    bytes.extend(crc32(&header).to_be_bytes());
    bytes.extend(b"\0\0\0\x01IDAT\0");
    bytes.extend(crc32(b"IDAT\0").to_be_bytes());
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        (0..8).for_each(|_| crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 });
        crc
    })
}

#[test]
fn a_decompression_bomb_is_refused_by_its_header() {
    for (width, height) in [(20_001, 10), (10, 20_001), (10_000, 5_001), (1_000_000_000, 1_000_000_000)] {
        assert_eq!(clean(&png_promising(width, height)).unwrap_err().code(), "too-many-pixels", "{width} x {height}");
    }
    assert_eq!(clean(&png_promising(100, 100)).unwrap_err().code(), "broken");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..600), kind in 0..4_usize) {
        let magic: &[u8] = [&b"\xFF\xD8\xFF\xE0"[..], b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBPVP8 ", b""][kind];
        let _ = clean(&[magic, &body].concat());
    }

    #[test]
    fn damaged_pictures_never_panic(cut in 0.0..1.0_f64, flips in proptest::collection::vec((any::<u16>(), any::<u8>()), 0..8), is_png: bool) {
        let picture = halves(48, 32);
        let mut bytes = if is_png { png_of(&DynamicImage::ImageRgb8(picture)) } else { with_metadata(&jpeg_of(&picture), 6) };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, clippy::as_conversions, reason = "a cut anywhere will do")]
        bytes.truncate((bytes.len() as f64 * cut) as usize + 1);
        for (at, value) in flips {
            let at = usize::from(at) % bytes.len();
            bytes[at] = value;
        }
        let _ = clean(&bytes);
    }
}
