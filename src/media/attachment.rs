//! What a witness added to a response, judged by its content: pictures get a viewing copy that is decoded and encoded anew
//! (no metadata, bounded pixels) and a small blurred one; documents and recordings are recognised and never read. Pure and
//! slow; bounds keep one file below 150 MB and two seconds, the caller keeps their number bounded.

use super::{jpeg, png};
use crate::domain::attachment::{FileFault, FileKind, LONGEST_FILE};
use crate::domain::likeness::GRID;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use std::io::Cursor;

/// Larger ones are refused (security-and-ops §7).
const MAX_PIXELS: u64 = 50_000_000;
const MAX_SIDE: u32 = 20_000;
/// What a decoded picture may take for a viewing copy to be made: with the file itself and the decoder's tables that stays
/// below 150 MB. Larger pictures are kept, sealed, without one.
const VIEWED_BYTES: u64 = 80_000_000;
/// The same for pictures of sixteen bits a channel, which no camera writes.
const VIEWED_DEEP: u64 = 32_000_000;
/// Pixels of those whose decoders keep a second copy: progressive JPEG (coefficients) and WebP (planes).
const VIEWED_TWICE: u64 = 12_600_000;
/// Scans of a progressive JPEG: cameras write up to ten, each costs a walk over the whole picture.
const MOST_SCANS: usize = 40;
/// Longer side of the viewing copy.
const VIEW_SIDE: u32 = 1600;
/// Longer side of the blurred one, and how much it is blurred: a scene can be guessed, a face or wound cannot be seen.
const PREVIEW_SIDE: u32 = 96;
const BLUR: f32 = 4.0;
const QUALITY: u8 = 85;

/// The copies of a picture, both JPEG.
#[derive(Clone)]
pub struct Copies {
    /// Cleaned.
    pub view: Vec<u8>,
    /// Small and blurred.
    pub preview: Vec<u8>,
    /// Brightness on a grid, for comparing pictures.
    pub grid: [u8; GRID * GRID],
}

/// What a file turned out to be.
#[derive(Clone)]
pub struct Examined {
    /// By content.
    pub kind: FileKind,
    /// Of pictures that are not too large for it.
    pub copies: Option<Copies>,
}

/// A witness's picture does not belong in a log.
impl std::fmt::Debug for Examined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Examined").field("kind", &self.kind).field("copies", &self.copies.is_some()).finish()
    }
}

/// What the bytes are, by their beginning.
fn kind_of(bytes: &[u8]) -> Option<FileKind> {
    if bytes.starts_with(b"%PDF-") {
        return Some(FileKind::Pdf);
    }
    if bytes.get(4..8) == Some(b"ftyp".as_slice()) {
        return match bytes.get(8..12)? {
            b"M4A " | b"M4B " => Some(FileKind::M4a),
            b"isom" | b"iso2" | b"iso4" | b"iso5" | b"iso6" | b"mp41" | b"mp42" | b"avc1" | b"M4V " | b"qt  "
            | b"3gp4" | b"3gp5" => Some(FileKind::Mp4),
            _ => None,
        };
    }
    match image::guess_format(bytes).ok()? {
        ImageFormat::Jpeg => Some(FileKind::Jpeg),
        ImageFormat::Png => Some(FileKind::Png),
        ImageFormat::WebP => Some(FileKind::Webp),
        _ => None,
    }
}

/// Whether the name's ending agrees with the content: `photo.html` that begins like a JPEG is meant for somebody's browser.
fn name_agrees(name: &str, kind: FileKind) -> bool {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    match base.rsplit_once('.') {
        Some((_, ending)) => kind.endings().contains(&ending.trim().to_ascii_lowercase().as_str()),
        None => true,
    }
}

/// Judges a file and makes its copies.
pub fn examine(name: &str, bytes: &[u8]) -> Result<Examined, FileFault> {
    if bytes.is_empty() {
        return Err(FileFault::Empty);
    }
    if bytes.len() > LONGEST_FILE {
        return Err(FileFault::TooLarge);
    }
    let kind = kind_of(bytes).filter(|kind| name_agrees(name, *kind)).ok_or(FileFault::NotAccepted)?;
    let format = match kind {
        FileKind::Jpeg => ImageFormat::Jpeg,
        FileKind::Png => {
            let essential = png::essential(bytes).ok_or(FileFault::Broken)?;
            return Ok(Examined { kind, copies: copies(&essential, ImageFormat::Png)? });
        }
        FileKind::Webp => ImageFormat::WebP,
        FileKind::Pdf | FileKind::Mp4 | FileKind::M4a => return Ok(Examined { kind, copies: None }),
    };
    Ok(Examined { kind, copies: copies(bytes, format)? })
}

fn fault(error: &image::ImageError) -> FileFault {
    if matches!(error, image::ImageError::Limits(_)) { FileFault::TooManyPixels } else { FileFault::Broken }
}

/// Header first; pixels only when they fit.
fn copies(bytes: &[u8], format: ImageFormat) -> Result<Option<Copies>, FileFault> {
    let jpeg = (format == ImageFormat::Jpeg).then(|| jpeg::shape(bytes));
    if jpeg.as_ref().is_some_and(|shape| !shape.whole || shape.scans > MOST_SCANS) {
        return Err(FileFault::Broken);
    }
    let mut limits = Limits::default();
    // For what stands beside the pixels too.
    limits.max_alloc = Some(VIEWED_BYTES + 16_000_000);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| fault(&error))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS {
        return Err(FileFault::TooManyPixels);
    }
    if pixels == 0 {
        return Err(FileFault::Broken);
    }
    let twice = format == ImageFormat::WebP || jpeg.is_some_and(|shape| shape.progressive);
    let colour = decoder.color_type();
    let is_deep = colour.bytes_per_pixel() > colour.channel_count();
    let viewed = if is_deep { VIEWED_DEEP } else { VIEWED_BYTES };
    if decoder.total_bytes() > viewed || (twice && pixels > VIEWED_TWICE) {
        return Ok(None);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| fault(&error))?;
    // Made small first: everything after it is cheap, whatever the picture's depth and channels were.
    let longest = width.max(height);
    let small = if longest > VIEW_SIDE { picture.thumbnail(VIEW_SIDE, VIEW_SIDE) } else { picture };
    let mut small = DynamicImage::ImageRgb8(on_white(small));
    small.apply_orientation(orientation);
    let view = small.into_rgb8();
    let view = DynamicImage::ImageRgb8(view);
    let little = view.thumbnail(PREVIEW_SIDE, PREVIEW_SIDE);
    let preview = little.blur(BLUR).into_rgb8();
    let side = u32::try_from(GRID).unwrap_or(9);
    let luma = little.resize_exact(side, side, FilterType::Triangle).into_luma8();
    let view = view.into_rgb8();
    let mut grid = [0; GRID * GRID];
    grid.iter_mut().zip(luma.as_raw()).for_each(|(to, from)| *to = *from);
    Ok(Some(Copies { view: encoded(&view)?, preview: encoded(&preview)?, grid }))
}

fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let source = picture.into_rgba8();
    let mut paper = RgbImage::new(source.width(), source.height());
    for (target, pixel) in paper.pixels_mut().zip(source.pixels()) {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        *target = Rgb([red, green, blue]
            .map(|channel| u8::try_from((channel * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)));
    }
    paper
}

fn encoded(picture: &RgbImage) -> Result<Vec<u8>, FileFault> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(picture).map_err(|error| fault(&error))?;
    Ok(bytes)
}
