//! Drawn pictures of nobody and of objects that do not exist.

use image::{ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

fn png(picture: &RgbImage) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// Whether a point lies in an ellipse given by centre and half axes.
fn inside(x: u32, y: u32, centre: (i64, i64), axes: (i64, i64)) -> bool {
    let (dx, dy) = (i64::from(x) - centre.0, i64::from(y) - centre.1);
    dx * dx * axes.1 * axes.1 + dy * dy * axes.0 * axes.0 <= axes.0 * axes.0 * axes.1 * axes.1
}

/// A drawn face on a plain ground, 900 by 1100 pixels.
pub fn portrait(hair: [u8; 3], coat: [u8; 3], ground: [u8; 3]) -> anyhow::Result<Vec<u8>> {
    let skin = Rgb([226, 184, 150]);
    png(&RgbImage::from_fn(900, 1100, |x, y| {
        let eye = inside(x, y, (365, 500), (34, 20)) || inside(x, y, (535, 500), (34, 20));
        let pupil = inside(x, y, (365, 500), (15, 17)) || inside(x, y, (535, 500), (15, 17));
        let mouth = inside(x, y, (450, 680), (72, 18)) && y > 680;
        let nose = inside(x, y, (450, 590), (22, 12)) && y > 588;
        if pupil {
            Rgb([52, 38, 30])
        } else if eye {
            Rgb([250, 250, 248])
        } else if mouth || nose {
            Rgb([182, 104, 92])
        } else if inside(x, y, (450, 560), (205, 270)) && !(inside(x, y, (450, 330), (215, 110)) && y < 400) {
            skin
        } else if inside(x, y, (450, 480), (260, 310)) {
            Rgb(hair)
        } else if (400..500).contains(&x) && (780..900).contains(&y) {
            skin
        } else if inside(x, y, (450, 1150), (400, 290)) {
            Rgb(coat)
        } else {
            let shade = u8::try_from(y / 40).unwrap_or(0);
            Rgb(ground.map(|c| c.saturating_sub(shade)))
        }
    }))
}

/// A drawn vase, painting or clock face, 1000 by 800 pixels.
pub fn object(kind: u32, colour: [u8; 3]) -> anyhow::Result<Vec<u8>> {
    png(&RgbImage::from_fn(1000, 800, |x, y| {
        let frame = (200..800).contains(&x) && (120..680).contains(&y);
        let canvas = (240..760).contains(&x) && (160..640).contains(&y);
        match kind {
            0 if canvas && y > 400 => Rgb([92, 122, 70]),
            0 if canvas && inside(x, y, (600, 290), (60, 60)) => Rgb([240, 214, 120]),
            0 if canvas => Rgb(colour),
            0 if frame => Rgb([150, 110, 50]),
            1 if inside(x, y, (500, 480), (160, 220)) || ((440..560).contains(&x) && (140..300).contains(&y)) => {
                if (y / 40) % 2 == 0 { Rgb(colour) } else { Rgb([236, 232, 220]) }
            }
            2 if inside(x, y, (500, 400), (22, 22)) || ((495..505).contains(&x) && (220..400).contains(&y)) => {
                Rgb([30, 30, 30])
            }
            2 if inside(x, y, (500, 400), (220, 220)) => Rgb([244, 240, 230]),
            2 if inside(x, y, (500, 400), (270, 270)) => Rgb(colour),
            _ => Rgb([214, 216, 218]),
        }
    }))
}
