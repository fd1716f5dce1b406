//! Paid advertisements: to whom, with what words, for how much. What a platform can be told of places is `domain::aim`;
//! how it is told is `channels::ads`.

mod aimed;
mod audience;
mod content;
mod forecast;
mod key;
mod money;
mod text;

pub use aimed::AdAim;
pub use audience::{AdultAges, Audience, NoAdultAges, Placement};
pub use content::AdContent;
pub use forecast::{AdResult, Forecast, Prices, forecast, to_csv};
pub use key::{AdKey, MalformedKey};
pub use money::{Cents, MalformedAmount};
pub use text::{AdSource, AdText, Unfit, compose};
