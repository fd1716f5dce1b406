//! A box on the map, in degrees: where a raster is laid and a picture is drawn.

/// Metres of the sphere on which platforms and H3 measure (H3's own mean radius).
pub(in crate::area) const EARTH_M: f64 = 6_371_007.180_918;

/// Where to lay the raster: degrees.
#[derive(Clone, Copy, Debug)]
pub(in crate::area) struct Frame {
    pub south: f64,
    pub north: f64,
    pub west: f64,
    pub east: f64,
}

impl Frame {
    /// With a margin in metres on each side.
    pub(super) fn grown(self, metres: f64) -> Self {
        let lat = (metres / EARTH_M).to_degrees();
        let widest = self.south.abs().max(self.north.abs()).min(80.0).to_radians().cos();
        Self {
            south: self.south - lat,
            north: self.north + lat,
            west: self.west - lat / widest,
            east: self.east + lat / widest,
        }
    }

    /// Metres south to north and, in the middle, west to east.
    pub(in crate::area) fn size(&self) -> (f64, f64) {
        let middle = f64::midpoint(self.south, self.north).to_radians().cos();
        let metres = |degrees: f64| degrees.to_radians() * EARTH_M;
        (metres(self.north - self.south), metres(self.east - self.west) * middle)
    }
}
