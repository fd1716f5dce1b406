//! Paid advertisements: to whom, with what words, for how much. What a platform can be told of places is `domain::aim`;
//! how it is told is `channels::ads`.

mod ages;
mod aimed;
mod audience;
mod content;
mod forecast;
mod key;
mod money;
mod text;

pub use ages::{AdultAges, NoAdultAges};
pub use aimed::AdAim;
pub use audience::{Audience, Placement, Weight};
pub use content::AdContent;
pub use forecast::{AdResult, Forecast, Prices, forecast, to_csv};
pub use key::{AdKey, MalformedKey};
pub use money::{Cents, MalformedAmount};
pub use text::{AdSource, AdText, Unfit, compose};
