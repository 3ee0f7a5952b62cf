//! The functions of real numbers.

use serde_json::Value;

use super::number::real_value;

/// The function that the name stands for; missing where it has no real value.
pub(super) fn real_function(name: &str, x: f64, y: Option<f64>) -> Option<Value> {
    let result = match name {
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tan" => x.tan(),
        "cot" => 1.0 / x.tan(),
        "asin" => within(x)?.asin(),
        "acos" => within(x)?.acos(),
        "atan" => x.atan(),
        "atan2" => x.atan2(y?),
        "exp" => x.exp(),
        "exp2" => x.exp2(),
        "exp10" => 10_f64.powf(x),
        "log" => not_negative(x)?.ln(),
        "log2" => not_negative(x)?.log2(),
        "log10" => not_negative(x)?.log10(),
        "sqrt" => not_negative(x)?.sqrt(),
        "pow" => x.powf(y?),
        "degrees" => x * 180.0 / std::f64::consts::PI,
        "radians" => x * std::f64::consts::PI / 180.0,
        "erf" => libm::erf(x),
        "erfc" => libm::erfc(x),
        "gamma" => libm::tgamma(x),
        "loggamma" => libm::lgamma(x),
        "floor" => x.floor(),
        "ceiling" => x.ceil(),
        "is_finite" => return Some(x.is_finite().into()),
        "is_infinite" => return Some(x.is_infinite().into()),
        "is_nan" => return Some(x.is_nan().into()),
        _ => return None,
    };
    Some(real_value(result))
}

fn within(x: f64) -> Option<f64> {
    (x.abs() <= 1.0).then_some(x)
}

fn not_negative(x: f64) -> Option<f64> {
    (x >= 0.0).then_some(x)
}
