//! Pictures: cleaned on the way in, kept by digest behind one door; what witnesses add to a response, examined. Which picture belongs to which appeal, and who may see
//! it, is decided elsewhere; here a picture is only its bytes and their digest.

mod attachment;
mod heat;
mod jpeg;
mod picture;
mod png;
mod scan;
mod shapes;
mod store;

pub use attachment::{Copies, Examined, examine};
pub use heat::heat_map;
pub use picture::brightness;
pub use picture::{CleanPicture, PictureFault, Rendition, clean};
pub use scan::Scanner;
pub use shapes::shapes;
pub use store::{Bucket, MediaStore, StoreError};

/// SHA-256 as 64 lower-case hexadecimal digits: the name of stored bytes.
#[must_use]
pub fn digest_of(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    let digit = |half: u8| char::from_digit(u32::from(half), 16);
    let digits = Sha256::digest(bytes).into_iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0F)]);
    digits.flatten().collect()
}
