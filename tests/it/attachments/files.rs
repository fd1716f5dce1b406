//! Files as attackers make them: pictures put together chunk by chunk, so that every lie about them can be told.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::trivially_copy_pass_by_ref,
    reason = "colours are waves, names are byte strings"
)]

use flate2::Crc;
use flate2::write::ZlibEncoder;
use image::{ImageFormat, RgbImage};
use std::io::{Cursor, Write};

/// What must not come out again.
pub const CANARY: &[u8] = b"CANARY-50.8503N-4.3517E";

/// A scene of its own for every seed: soft shapes, so that it survives scaling, and no two alike.
fn scene(width: u32, height: u32, seed: u32) -> RgbImage {
    let seed = f64::from(seed);
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let wave = |a: f64, b: f64| ((u * (a + seed * 1.7) + v * (b - seed * 2.3) + seed).sin() + 1.0) * 127.0;
        image::Rgb([wave(9.0, 5.0) as u8, wave(4.0, 11.0) as u8, wave(14.0, 7.0) as u8])
    })
}

pub fn encoded(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture).unwrap();
    bytes
}

pub fn jpeg(width: u32, height: u32, seed: u32) -> Vec<u8> {
    encoded(&scene(width, height, seed), 80)
}

/// A JPEG with one more segment behind its first marker.
pub fn jpeg_with(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, content, &jpeg[2..]].concat()
}

/// A JPEG that claims other dimensions.
pub fn jpeg_claiming(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut bytes = jpeg.to_vec();
    let at = bytes.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    bytes[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
    bytes[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

/// A JPEG whose scan is repeated.
pub fn jpeg_scanned(jpeg: &[u8], times: usize) -> Vec<u8> {
    let at = jpeg.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let scan = &jpeg[at..jpeg.len() - 2];
    let mut bytes = jpeg[..at].to_vec();
    bytes.extend(scan.iter().copied().cycle().take(scan.len() * times));
    bytes.extend([0xFF, 0xD9]);
    bytes
}

pub fn saved(picture: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn png(width: u32, height: u32, seed: u32) -> Vec<u8> {
    saved(&scene(width, height, seed), ImageFormat::Png)
}

pub fn webp(width: u32, height: u32, seed: u32) -> Vec<u8> {
    saved(&scene(width, height, seed), ImageFormat::WebP)
}

/// A chunk of a PNG with its sum.
pub fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(name);
    sum.update(content);
    [&u32::try_from(content.len()).unwrap().to_be_bytes()[..], name, content, &sum.sum().to_be_bytes()].concat()
}

/// Zeros, compressed.
pub fn zeros(length: usize) -> Vec<u8> {
    let mut out = ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let piece = vec![0; 1 << 20];
    let mut left = length;
    while left > 0 {
        let now = left.min(piece.len());
        out.write_all(&piece[..now]).unwrap();
        left -= now;
    }
    out.finish().unwrap()
}

/// A PNG with this header and this data; colour 2 is RGB, 6 RGBA.
pub fn png_of(width: u32, height: u32, depth: u8, colour: u8, data: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", data), chunk(b"IEND", b"")].concat()
}

/// A PNG with one more chunk behind its header.
pub fn png_with(png: &[u8], name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&png[..33], &chunk(name, content), &png[33..]].concat()
}

/// An archive with one stored file, enough for whoever looks for one.
pub fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let short = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
    let long = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    let mut sum = Crc::new();
    sum.update(content);
    let about = [
        &[10, 0, 0, 0, 0, 0, 0, 0, 0, 0][..],
        &sum.sum().to_le_bytes(),
        &long(content.len()),
        &long(content.len()),
        &short(name.len()),
        &[0, 0],
    ]
    .concat();
    let local = [b"PK\x03\x04", &about[..], name.as_bytes(), content].concat();
    let central = [b"PK\x01\x02\x14\x00", &about[..], &[0; 12], &[0, 0, 0, 0][..2], name.as_bytes()].concat();
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &long(central.len())[..], &long(local.len()), &[0, 0]].concat();
    [local, central, end].concat()
}
