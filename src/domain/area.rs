//! Target areas: what was filed and the H3 cells it became.
