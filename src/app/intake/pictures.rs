//! Which pictures of an appeal were sent before: sketches in memory, read back sealed after a start and from other
//! processes, like those of texts.

use crate::app::{AppError, ServerKey, random};
use crate::db::attachments::{Attachment, PictureHead};
use crate::domain::ids::AppealId;
use crate::domain::likeness::PictureSketch;

/// Sketches remembered; a linear look at all of them takes a tenth of a millisecond.
const MOST: usize = 50_000;

/// The first of every picture, in memory.
#[derive(Default)]
pub(super) struct Pictures(Vec<(PictureSketch, String)>);

/// What the seal of a sketch is bound to.
fn bound(appeal: &str) -> String {
    format!("picture head {appeal}")
}

impl Pictures {
    fn add(&mut self, sketch: PictureSketch, id: &str) {
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((sketch, id.to_owned()));
    }

    /// A sketch that was stored.
    pub fn remember(&mut self, key: &ServerKey, appeal: &AppealId, head: &PictureHead) -> Result<(), AppError> {
        let sketch = key.open_sealed(&bound(appeal.as_str()), &head.sealed);
        let sketch = sketch.and_then(|bytes| PictureSketch::from_bytes(&bytes));
        let sketch = sketch.ok_or_else(|| AppError::Broken(format!("sketch of {}", head.attachment_id)))?;
        self.add(sketch, &head.attachment_id);
        Ok(())
    }

    /// Says of each file which one it repeats; the sketches of those that repeat none, and whether there were files and all
    /// of them repeat one.
    pub fn place(
        &mut self,
        key: &ServerKey,
        files: &mut [(Attachment, Option<PictureSketch>)],
        batch: i64,
    ) -> Result<(Vec<PictureHead>, bool), AppError> {
        let mut heads = Vec::new();
        let mut repeated = 0;
        for (file, sketch) in files.iter_mut() {
            let Some(sketch) = *sketch else { continue };
            if let Some((_, first)) = self.0.iter().find(|(known, _)| known.is_same(sketch)) {
                file.same_as = Some(first.clone());
                repeated += 1;
                continue;
            }
            file.same_as = Some(file.id.to_string());
            self.add(sketch, file.id.as_str());
            let appeal = file.appeal.as_str();
            let sealed = key.seal(&bound(appeal), &sketch.to_bytes(), random::bytes());
            heads.push(PictureHead {
                attachment_id: file.id.to_string(),
                appeal_id: appeal.to_owned(),
                batch,
                sealed: sealed.ok_or_else(|| AppError::Broken("sealing".to_owned()))?,
            });
        }
        Ok((heads, repeated > 0 && repeated == files.len()))
    }
}
