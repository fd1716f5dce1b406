//! How large and how sharp a picture is. Input is decoded brightness; limits and their reasons are data.

use super::checked::{Luma, Picture};
use super::limits::PictureLimits;

/// Shorter side needed, when the picture is smaller.
pub(super) fn too_small(picture: &Picture, limits: &PictureLimits) -> Option<u32> {
    let least = if picture.portrait { limits.portrait_short_side } else { limits.other_short_side };
    (picture.size.0.min(picture.size.1) < least).then_some(least)
}

/// Variance of the Laplacian at the measured size; `None` when the bytes do not fit the size or there are too few.
#[must_use]
pub fn sharpness(luma: &Luma, measured_at: usize) -> Option<f64> {
    let scaled = scale(luma, measured_at)?;
    let (width, height) = (scaled.width, scaled.height);
    let at = |x: usize, y: usize| scaled.pixels.get(y * width + x).copied().map(f64::from);
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for y in 1..height.checked_sub(1)? {
        for x in 1..width.checked_sub(1)? {
            let value = 4.0 * at(x, y)? - at(x - 1, y)? - at(x + 1, y)? - at(x, y - 1)? - at(x, y + 1)?;
            sum += value;
            squares += value * value;
            count += 1.0;
        }
    }
    (count > 0.0).then(|| squares / count - (sum / count) * (sum / count))
}

/// Brings the longer side down to `side` by averaging; a smaller picture stays as it is, since enlarging blurs.
fn scale(luma: &Luma, side: usize) -> Option<Luma> {
    let (width, height) = (luma.width, luma.height);
    if width == 0 || height == 0 || luma.pixels.len() != width.checked_mul(height)? || side == 0 {
        return None;
    }
    let longer = width.max(height);
    if longer <= side {
        return Some(luma.clone());
    }
    let (to_width, to_height) = ((width * side / longer).max(1), (height * side / longer).max(1));
    let mut pixels = Vec::with_capacity(to_width * to_height);
    for y in 0..to_height {
        let rows = y * height / to_height..((y + 1) * height / to_height).max(y * height / to_height + 1);
        for x in 0..to_width {
            let columns = x * width / to_width..((x + 1) * width / to_width).max(x * width / to_width + 1);
            let (mut sum, mut count) = (0_u64, 0_u64);
            for row in rows.clone() {
                let line = luma.pixels.get(row * width + columns.start..row * width + columns.end)?;
                sum += line.iter().map(|p| u64::from(*p)).sum::<u64>();
                count += u64::try_from(line.len()).ok()?;
            }
            pixels.push(u8::try_from(sum / count.max(1)).ok()?);
        }
    }
    Some(Luma { width: to_width, height: to_height, pixels })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::as_conversions, reason = "tests may")]
    #![allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "tests may"
    )]
    use super::*;
    use crate::lint::rulebook::Rulebook;

    /// Shapes on a gradient: edges like a face's, flat parts like a wall's.
    fn scene(width: usize, height: usize) -> Luma {
        let mut pixels = vec![0_u8; width * height];
        for y in 0..height {
            for x in 0..width {
                let (u, v) = (x as f64 / width as f64, y as f64 / height as f64);
                let mut value = 90.0 + 60.0 * v;
                if (u - 0.5).hypot(v - 0.45) < 0.25 {
                    value = 190.0;
                }
                for (cx, cy, r, shade) in [(0.4, 0.4, 0.03, 40.0), (0.6, 0.4, 0.03, 40.0), (0.5, 0.58, 0.06, 110.0)] {
                    if (u - cx).hypot(v - cy) < r {
                        value = shade;
                    }
                }
                if v < 0.25 && ((u * 60.0) as usize).is_multiple_of(2) {
                    value = 60.0;
                }
                pixels[y * width + x] = value as u8;
            }
        }
        Luma { width, height, pixels }
    }

    fn blurred(luma: &Luma, radius: usize, rounds: usize) -> Luma {
        let mut now = luma.clone();
        for _ in 0..rounds {
            let before = now.clone();
            for y in 0..now.height {
                for x in 0..now.width {
                    let (mut sum, mut count) = (0_u64, 0_u64);
                    for j in y.saturating_sub(radius)..(y + radius + 1).min(now.height) {
                        for i in x.saturating_sub(radius)..(x + radius + 1).min(now.width) {
                            sum += u64::from(before.pixels[j * now.width + i]);
                            count += 1;
                        }
                    }
                    now.pixels[y * now.width + x] = (sum / count) as u8;
                }
            }
        }
        now
    }

    #[test]
    fn a_blurred_picture_is_told_from_a_sharp_one_at_any_size() {
        let limits = &Rulebook::shipped().unwrap().limits().newest_picture().unwrap().clone();
        for (width, height, radius) in [(400, 500, 3), (512, 512, 3), (800, 600, 5)] {
            let sharp = scene(width, height);
            let soft = blurred(&sharp, radius, 2);
            let (sharp, soft) =
                (sharpness(&sharp, limits.measured_at).unwrap(), sharpness(&soft, limits.measured_at).unwrap());
            println!("{width}x{height}: sharp {sharp:.0}, blurred {soft:.1}, threshold {}", limits.sharpness);
            assert!(
                sharp > 2.0 * limits.sharpness && soft < limits.sharpness / 2.0,
                "{width}x{height}: {sharp} {soft}"
            );
        }
    }

    #[test]
    fn bytes_that_do_not_fit_are_not_judged() {
        let limits = &Rulebook::shipped().unwrap().limits().newest_picture().unwrap().clone();
        assert_eq!(sharpness(&Luma { width: 10, height: 10, pixels: vec![0; 99] }, limits.measured_at), None);
        assert_eq!(sharpness(&Luma { width: 0, height: 10, pixels: vec![] }, limits.measured_at), None);
        assert_eq!(sharpness(&Luma { width: 1, height: 1, pixels: vec![7] }, limits.measured_at), None);
        let luma = scene(300, 300);
        let mut picture = Picture {
            portrait: true,
            size: (300, 900),
            luma: Some(luma),
            measured: None,
            alt: std::collections::BTreeMap::new(),
            in_scope: true,
            blurred: false,
            editor: None,
            second_viewer: None,
        };
        assert_eq!(too_small(&picture, limits), Some(limits.portrait_short_side));
        picture.portrait = false;
        assert_eq!(too_small(&picture, limits), None);
    }
}
