//! Turns an uploaded photograph into pictures that are safe to publish: decoded, turned upright, flattened on white and
//! encoded anew as JPEG, so that no EXIF, GPS, XMP, colour profile, thumbnail or trailing byte survives. Pure and slow
//! (up to a second at the limits): the caller runs it on a bounded blocking pool. Keeping the result is left to `store`.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use super::{digest_of, jpeg};

/// Larger than any telephone camera's JPEG.
const MAX_BYTES: usize = 10 * 1024 * 1024;
/// Telephones reach 50; more is a scan or an attack, and 50 million pixels already need 150 MB decoded.
const MAX_PIXELS: u64 = 50_000_000;
/// Keeps extreme strips out (1 × 50 000 000), whose resizing costs far more than their area suggests.
const MAX_SIDE: u32 = 20_000;
/// What a decoder may allocate: the pixel limit at four bytes a pixel, and a quarter more for its tables.
const MAX_DECODER_BYTES: u64 = MAX_PIXELS * 5;
/// A4 at 170 dpi: enough for a poster in a shop window.
const MASTER_SIDE: u32 = 2000;
/// A full-width picture on an ordinary screen.
const LARGE_SIDE: u32 = 1280;
/// A picture in a mail or a list, sharp on dense screens at 240 units wide.
const SMALL_SIDE: u32 = 480;
/// Above this the file grows faster than the eye can tell.
const QUALITY: u8 = 88;

/// Why a picture was refused. The decoder's own words are not kept: they say nothing a police officer could act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureFault {
    /// Checked before anything is read.
    #[error("the file has {bytes} bytes; at most {MAX_BYTES} are accepted")]
    TooLarge {
        /// What was sent.
        bytes: usize,
    },
    /// Its content is no picture, whatever its name says.
    #[error("the file is not a picture")]
    NotAPicture,
    /// HEIC, GIF, SVG and others.
    #[error("this kind of picture is not accepted; send JPEG, PNG or WebP")]
    UnsupportedType,
    /// Without the size: some headers promise more than a decoder is willing to read out.
    #[error("the picture has more than {MAX_PIXELS} pixels, or more than {MAX_SIDE} a side")]
    TooManyPixels,
    /// Cannot be decoded, or ends before its end.
    #[error("the picture is damaged or incomplete")]
    Broken,
}

impl PictureFault {
    /// Stable, for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too-large",
            Self::NotAPicture => "not-a-picture",
            Self::UnsupportedType => "unsupported-type",
            Self::TooManyPixels => "too-many-pixels",
            Self::Broken => "broken",
        }
    }
}

/// One size of a cleaned picture, always JPEG.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendition {
    /// `master` (posters, and the source of the others), `large` (the appeal's page) or `small` (mails and lists).
    pub name: &'static str,
    /// SHA-256 of `bytes`, 64 hexadecimal digits.
    pub digest: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A picture without a past. The same input gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanPicture {
    /// Digest of the master: what a magistrate approves.
    pub digest: String,
    /// Master, large, small. Sizes are never blown up, so a small upload has three equal renditions of one digest.
    pub renditions: Vec<Rendition>,
}

/// Cleans an upload. The file's name and declared type play no part: only its content says what it is.
pub fn clean(bytes: &[u8]) -> Result<CleanPicture, PictureFault> {
    let upright = decode(bytes)?;
    let master = shrink(&upright, MASTER_SIDE).unwrap_or(upright);
    let large = shrink(&master, LARGE_SIDE);
    let small = shrink(&master, SMALL_SIDE);
    let renditions = vec![
        encode("master", &master)?,
        encode("large", large.as_ref().unwrap_or(&master))?,
        encode("small", small.as_ref().unwrap_or(&master))?,
    ];
    let digest = renditions.first().map(|master| master.digest.clone()).unwrap_or_default();
    Ok(CleanPicture { digest, renditions })
}

/// The brightness of a picture that was encoded here: columns, rows, and a byte a pixel; none when it cannot be read.
#[must_use]
pub fn brightness(encoded: &[u8]) -> Option<(usize, usize, Vec<u8>)> {
    let picture = image::load_from_memory_with_format(encoded, ImageFormat::Jpeg).ok()?.into_luma8();
    let (width, height) = picture.dimensions();
    Some((usize::try_from(width).ok()?, usize::try_from(height).ok()?, picture.into_raw()))
}

/// Size, type and dimensions are checked in this order, before any pixel is read.
fn decode(bytes: &[u8]) -> Result<RgbImage, PictureFault> {
    if bytes.len() > MAX_BYTES {
        return Err(PictureFault::TooLarge { bytes: bytes.len() });
    }
    let format = accepted_format(bytes)?;
    if format == ImageFormat::Jpeg && !jpeg::is_whole(bytes) {
        return Err(PictureFault::Broken);
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|error| fault_of(&error))?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureFault::TooManyPixels);
    }
    if width == 0 || height == 0 {
        return Err(PictureFault::Broken);
    }
    // An unreadable EXIF block is no reason to refuse the photograph.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    limits.reserve(decoder.total_bytes()).map_err(|_| PictureFault::TooManyPixels)?;
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| fault_of(&error))?;
    let mut flat = DynamicImage::ImageRgb8(flatten(picture));
    flat.apply_orientation(orientation);
    Ok(flat.into_rgb8())
}

fn accepted_format(bytes: &[u8]) -> Result<ImageFormat, PictureFault> {
    match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) => Ok(format),
        Ok(_) => Err(PictureFault::UnsupportedType),
        Err(_) if is_foreign_picture(bytes) => Err(PictureFault::UnsupportedType),
        Err(_) => Err(PictureFault::NotAPicture),
    }
}

/// HEIC and AVIF, which telephones make, and SVG: pictures all right, so the answer should say "other type".
fn is_foreign_picture(bytes: &[u8]) -> bool {
    let is_boxed = bytes.get(4..8) == Some(b"ftyp".as_slice())
        && matches!(bytes.get(8..12), Some(b"heic" | b"heix" | b"hevc" | b"mif1" | b"msf1" | b"avif" | b"avis"));
    let head = bytes.get(..bytes.len().min(512)).unwrap_or_default();
    is_boxed || head.windows(4).any(|word| word.eq_ignore_ascii_case(b"<svg"))
}

/// Lays the picture on white paper. A transparent pixel may hide any colour, so it is mixed, not cut off.
fn flatten(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let source = picture.into_rgba8();
    let mut paper = RgbImage::new(source.width(), source.height());
    for (target, pixel) in paper.pixels_mut().zip(source.pixels()) {
        let [red, green, blue, alpha] = pixel.0;
        *target = Rgb([red, green, blue].map(|channel| over_white(channel, alpha)));
    }
    paper
}

/// `channel × alpha + 255 × (1 − alpha)` in whole numbers, rounded.
fn over_white(channel: u8, alpha: u8) -> u8 {
    let mixed = u32::from(channel) * u32::from(alpha) + 255 * (255 - u32::from(alpha)) + 127;
    u8::try_from(mixed / 255).unwrap_or(u8::MAX)
}

/// The picture with its longer side at most `side`, or nothing if it is small enough already.
fn shrink(picture: &RgbImage, side: u32) -> Option<RgbImage> {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= side {
        return None;
    }
    let scaled = |length: u32| {
        let exact = (u64::from(length) * u64::from(side) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(exact).unwrap_or(side).max(1)
    };
    Some(imageops::resize(picture, scaled(width), scaled(height), FilterType::Lanczos3))
}

fn encode(name: &'static str, picture: &RgbImage) -> Result<Rendition, PictureFault> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(picture).map_err(|error| fault_of(&error))?;
    let (width, height) = picture.dimensions();
    Ok(Rendition { name, digest: digest_of(&bytes), width, height, bytes })
}

fn fault_of(error: &ImageError) -> PictureFault {
    if matches!(error, ImageError::Limits(_)) { PictureFault::TooManyPixels } else { PictureFault::Broken }
}

/// A photograph of a person does not belong in a log.
impl std::fmt::Debug for Rendition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendition")
            .field("name", &self.name)
            .field("digest", &self.digest)
            .field("width", &self.width)
            .field("height", &self.height)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
