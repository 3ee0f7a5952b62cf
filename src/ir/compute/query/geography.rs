//! Places on the earth, taken for a sphere: distances, directions and Geohash cells.
//!
//! A place is its longitude and latitude in degrees; what is none gives nothing.

use serde_json::{Value, json};

use super::Arguments;
use super::collection::item_number;
use super::number::{Number, real_value};
use crate::ir::Function;

/// The radius of the earth in metres.
const RADIUS: f64 = 6_371_010.0;

const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

pub(super) fn call(function: Function, arguments: Arguments<'_>) -> Option<Value> {
    match function {
        Function::OnSphere => on_sphere(arguments),
        Function::LineLength => line_length(arguments.get(0)?).map(real_value),
        Function::Geohash => Some(geohash(arguments).unwrap_or_default().into()),
        Function::GeohashCell => cell(arguments.text(0)?, arguments.text(1)?),
        _ => None,
    }
}

/// A place in radians.
#[derive(Clone, Copy, PartialEq)]
struct Place {
    longitude: f64,
    latitude: f64,
}

impl Place {
    fn of(longitude: f64, latitude: f64) -> Option<Self> {
        let valid = longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
        valid.then(|| Self {
            longitude: longitude.to_radians(),
            latitude: latitude.to_radians(),
        })
    }

    /// The angle to another place, seen from the centre.
    fn arc(self, other: Self) -> f64 {
        let half = |a: f64, b: f64| ((b - a) / 2.0).sin().powi(2);
        let across = half(self.longitude, other.longitude);
        let height = half(self.latitude, other.latitude)
            + self.latitude.cos() * other.latitude.cos() * across;
        2.0 * height.sqrt().min(1.0).asin()
    }

    fn vector(self) -> [f64; 3] {
        let flat = self.latitude.cos();
        [
            flat * self.longitude.cos(),
            flat * self.longitude.sin(),
            self.latitude.sin(),
        ]
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// The direction from one place to another, clockwise from north.
fn azimuth(from: Place, to: Place) -> f64 {
    let across = to.longitude - from.longitude;
    let east = across.sin() * to.latitude.cos();
    let north = from.latitude.cos() * to.latitude.sin()
        - from.latitude.sin() * to.latitude.cos() * across.cos();
    let angle = east.atan2(north);
    if angle < 0.0 {
        angle + std::f64::consts::TAU
    } else {
        angle
    }
}

/// The angle between the ways from the second place to the first and to the third.
fn angle(a: Place, vertex: Place, b: Place) -> f64 {
    let (first, second) = (
        cross(a.vector(), vertex.vector()),
        cross(b.vector(), vertex.vector()),
    );
    let beside = cross(first, second);
    dot(beside, beside).sqrt().atan2(dot(first, second))
}

fn on_sphere(arguments: Arguments<'_>) -> Option<Value> {
    let number = |at: usize| Some(Number::of(arguments.get(at)?)?.real());
    let place = |at: usize| Place::of(number(at)?, number(at + 1)?);
    let (a, b) = (place(1)?, place(3)?);
    match arguments.text(0)? {
        "distance" => Some(real_value(a.arc(b) * RADIUS)),
        "azimuth" => (a != b).then(|| real_value(azimuth(a, b))),
        "angle" => {
            let c = place(5)?;
            (a != b && b != c).then(|| real_value(angle(a, b, c)))
        }
        "within" => {
            let radius = number(5).filter(|radius| *radius >= 0.0)?;
            Some((a.arc(b) * RADIUS <= radius).into())
        }
        _ => None,
    }
}

fn position(value: &Value) -> Option<Place> {
    let parts = value.as_array()?;
    Place::of(item_number(parts.first()?)?, item_number(parts.get(1)?)?)
}

/// The length of a line, or of all lines of several, in `GeoJSON`.
fn line_length(value: &Value) -> Option<f64> {
    let coordinates = value.get("coordinates")?.as_array()?;
    let one = |line: &[Value]| {
        let places = line.iter().map(position).collect::<Option<Vec<Place>>>()?;
        let ways = places.windows(2).map(|pair| pair[0].arc(pair[1]) * RADIUS);
        (places.len() > 1).then(|| ways.sum::<f64>())
    };
    match value.get("type")?.as_str()? {
        "LineString" => one(coordinates),
        "MultiLineString" => coordinates
            .iter()
            .map(|line| one(line.as_array()?))
            .sum::<Option<f64>>(),
        _ => None,
    }
}

/// The bits of a cell of so many digits, longitude first.
fn geohash(arguments: Arguments<'_>) -> Option<String> {
    let number = |at: usize| Some(Number::of(arguments.get(at)?)?.real());
    let (longitude, latitude) = (number(0)?, number(1)?);
    Place::of(longitude, latitude)?;
    let digits = match arguments.0.get(2) {
        Some(_) => usize::try_from(arguments.whole(2)?).ok()?,
        None => 5,
    };
    (1..=18)
        .contains(&digits)
        .then(|| encoded(longitude, latitude, digits))
}

fn encoded(longitude: f64, latitude: f64, digits: usize) -> String {
    let mut sides = [(-180.0, 180.0), (-90.0, 90.0)];
    let values = [longitude, latitude];
    let mut text = String::new();
    let mut bit = 0;
    for _ in 0..digits {
        let mut digit = 0;
        for _ in 0..5 {
            let (low, high) = sides[bit % 2];
            let middle = f64::midpoint(low, high);
            let upper = values[bit % 2] >= middle;
            digit = digit * 2 + usize::from(upper);
            sides[bit % 2] = if upper { (middle, high) } else { (low, middle) };
            bit += 1;
        }
        text.push(char::from(DIGITS[digit]));
    }
    text
}

/// The sides of a cell: west, east, south, north.
fn sides(hash: &str) -> Option<[f64; 4]> {
    if hash.is_empty() || hash.len() > 18 {
        return None;
    }
    let mut sides = [(-180.0, 180.0), (-90.0, 90.0)];
    let mut bit = 0;
    for digit in hash.bytes() {
        let digit = DIGITS.iter().position(|known| *known == digit)?;
        for place in (0..5).rev() {
            let (low, high) = sides[bit % 2];
            let middle = f64::midpoint(low, high);
            let upper = digit >> place & 1 == 1;
            sides[bit % 2] = if upper { (middle, high) } else { (low, middle) };
            bit += 1;
        }
    }
    let [(west, east), (south, north)] = sides;
    Some([west, east, south, north])
}

/// The middle of a cell, its border, or the cells beside it.
fn cell(hash: &str, what: &str) -> Option<Value> {
    let [west, east, south, north] = sides(hash)?;
    let (x, y) = (f64::midpoint(west, east), f64::midpoint(south, north));
    match what {
        "center" => Some(json!({"type": "Point", "coordinates": [x, y]})),
        "border" => Some(json!({
            "type": "Polygon",
            "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
        })),
        "neighbors" => {
            let around = [
                (-1.0, 0.0),
                (-1.0, -1.0),
                (0.0, -1.0),
                (1.0, -1.0),
                (1.0, 1.0),
                (1.0, 0.0),
                (0.0, 1.0),
                (-1.0, 1.0),
            ];
            let cells = around.map(|(right, up)| {
                let x = (x + right * (east - west) + 540.0).rem_euclid(360.0) - 180.0;
                let y = y + up * (north - south);
                (y.abs() <= 90.0).then(|| encoded(x, y, hash.len()))
            });
            Some(cells.into_iter().flatten().collect())
        }
        _ => None,
    }
}
