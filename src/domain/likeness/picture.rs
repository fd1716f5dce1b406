//! Whether two pictures are the same picture, scaled, recompressed or renamed: a difference hash of 128 bits over a grid of
//! nine by nine brightnesses (whether it grows to the right, whether it grows downwards).
//!
//! # What it tells
//! The hash is a very coarse drawing: enough to test a guessed picture against, not enough to know a face. It is masked
//! under the appeal's key, kept sealed and only for the first of those alike, and deleted when the appeal closes.

use super::LikenessKey;

/// Columns and rows of the grid.
pub const GRID: usize = 9;
/// Different bits up to which two pictures are the same: a photograph of another moment differs in some 40 of 128.
const SAME: u32 = 14;
/// Brightness steps that count as a difference; below, it is noise of compression.
const STEP: i16 = 3;
/// Differences a picture must have to be compared at all: scans of empty paper would all be the same.
const LEAST: usize = 24;

/// What is compared instead of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureSketch(u128);

impl PictureSketch {
    /// The sketch of a picture; none when there is too little in it. `grid` holds its brightness row by row.
    #[must_use]
    pub fn of(key: &LikenessKey, grid: &[u8; GRID * GRID]) -> Option<Self> {
        let at = |x: usize, y: usize| grid.get(y * GRID + x).copied().map_or(0, i16::from);
        let (mut bits, mut differences) = (0_u128, 0);
        for y in 0..GRID - 1 {
            for x in 0..GRID - 1 {
                for next in [at(x + 1, y), at(x, y + 1)] {
                    let grows = next - at(x, y);
                    differences += usize::from(grows.abs() >= STEP);
                    bits = bits << 1 | u128::from(grows >= STEP);
                }
            }
        }
        let mask = u128::from(key.name("picture", "high")) << 64 | u128::from(key.name("picture", "low"));
        (differences >= LEAST).then_some(Self(bits ^ mask))
    }

    /// Whether both are of one picture; sketches of one appeal only.
    #[must_use]
    pub const fn is_same(self, other: Self) -> bool {
        (self.0 ^ other.0).count_ones() <= SAME
    }

    /// To store, sealed.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Reads [`Self::to_bytes`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(u128::from_be_bytes(bytes.try_into().ok()?)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may")]
    use super::*;

    fn grid(of: impl Fn(usize, usize) -> usize) -> [u8; GRID * GRID] {
        let mut grid = [0; GRID * GRID];
        for (n, cell) in grid.iter_mut().enumerate() {
            *cell = u8::try_from(of(n % GRID, n / GRID) % 256).unwrap();
        }
        grid
    }

    #[test]
    fn noise_keeps_a_picture_the_same_and_another_picture_is_another() {
        let key = LikenessKey::new([7; 32]);
        let scene = |x: usize, y: usize| (x * 37 + y * 61 + x * y * 13) % 230;
        let first = PictureSketch::of(&key, &grid(scene)).unwrap();
        let noisy = PictureSketch::of(&key, &grid(|x, y| scene(x, y) + (x + y) % 2)).unwrap();
        let other = PictureSketch::of(&key, &grid(|x, y| (x * 91 + y * 23 + x * x * 7) % 230)).unwrap();
        assert!(first.is_same(noisy) && !first.is_same(other));
        assert_eq!(PictureSketch::from_bytes(&first.to_bytes()), Some(first));
        assert_ne!(PictureSketch::of(&LikenessKey::new([8; 32]), &grid(scene)), Some(first), "masked under the key");
    }

    #[test]
    fn empty_paper_is_compared_with_nothing() {
        let key = LikenessKey::new([7; 32]);
        assert_eq!(PictureSketch::of(&key, &grid(|_, _| 250)), None);
        assert_eq!(PictureSketch::of(&key, &grid(|x, _| 250 + x % 2)), None);
    }
}
