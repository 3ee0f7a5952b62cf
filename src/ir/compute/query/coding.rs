//! Encodings, digests and GUIDs.

use std::io::Read as _;

use flate2::read::{GzDecoder, ZlibDecoder};
use serde_json::Value;

use super::{Arguments, LARGEST, digest, punycode, url};
use crate::ir::Function;

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The places of a GUID's digits among its bytes.
const ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

pub(super) fn call(function: Function, arguments: Arguments<'_>) -> Option<Value> {
    Some(match function {
        Function::ToBase64 => match arguments.get(0) {
            Some(Value::String(text)) => to_base64(text.as_bytes()).into(),
            Some(Value::Array(items)) => {
                let bytes = items.iter().map(|item| u8::try_from(item.as_i64()?).ok());
                let bytes = bytes.collect::<Option<Vec<u8>>>();
                bytes
                    .map_or_else(String::new, |bytes| to_base64(&bytes))
                    .into()
            }
            _ => "".into(),
        },
        Function::FromBase64 => {
            let bytes = from_base64(arguments.text(0)?);
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
            text.unwrap_or_default().into()
        }
        Function::BytesFromBase64 => from_base64(arguments.text(0)?)?.into_iter().collect(),
        Function::GuidFromBase64 => guid(&from_base64(arguments.text(0)?)?)?.into(),
        Function::ReadGuid => read_guid(arguments.text(0)?)?.into(),
        Function::UrlEncode => url::encoded(arguments.text(0)?, arguments.flag(1)).into(),
        Function::UrlDecode => url::decoded(arguments.text(0)?).into(),
        Function::Digest => digest::digest(arguments.text(1)?, arguments.text(0)?)?.into(),
        Function::Hash => {
            let hash = digest::xxh64(arguments.text(0)?.as_bytes());
            match arguments.0.get(1) {
                Some(_) => {
                    let by = u64::try_from(arguments.whole(1)?)
                        .ok()
                        .filter(|by| *by > 0)?;
                    (hash % by).into()
                }
                None => hash.cast_signed().into(),
            }
        }
        Function::Inflate => {
            let bytes = from_base64(arguments.text(0)?);
            let text = bytes.and_then(|bytes| inflated(&bytes, arguments.text(1)?));
            text.unwrap_or_default().into()
        }
        Function::Utf8Bytes => arguments.text(0)?.bytes().collect(),
        Function::IsAscii => arguments.text(0)?.is_ascii().into(),
        Function::GuidToBase64 => guid_bytes(arguments.text(0)?)
            .map_or_else(String::new, |bytes| to_base64(&bytes))
            .into(),
        Function::ToPunycode => punycode::encode(arguments.text(0)?)?.into(),
        Function::FromPunycode => punycode::decode(arguments.text(0)?)
            .unwrap_or_default()
            .into(),
        _ => return None,
    })
}

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            if place <= group.len() {
                let digit = (bits >> (18 - 6 * place)) & 63;
                text.push(char::from(DIGITS[digit as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

/// The bytes that a text of whole groups of four digits, the last one padded, spells.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let plain = digits
        .iter()
        .rev()
        .skip_while(|byte| **byte == b'=')
        .count();
    if digits.len() - plain > 2 {
        return None;
    }
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for digit in &digits[..plain] {
        let value = DIGITS.iter().position(|known| known == digit)?;
        held = (held << 6 | u32::try_from(value).ok()?) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

fn hyphened(digits: &str) -> Option<String> {
    Some(format!(
        "{}-{}-{}-{}-{}",
        digits.get(..8)?,
        digits.get(8..12)?,
        digits.get(12..16)?,
        digits.get(16..20)?,
        digits.get(20..)?
    ))
}

fn guid(bytes: &[u8]) -> Option<String> {
    let bytes: &[u8; 16] = bytes.try_into().ok()?;
    let digits = ORDER.map(|at| format!("{:02x}", bytes[at])).concat();
    hyphened(&digits)
}

/// The bytes of a GUID, those of its first three parts from the last to the first.
fn guid_bytes(text: &str) -> Option<[u8; 16]> {
    let digits = read_guid(text)?.replace('-', "");
    let mut bytes = [0; 16];
    for (byte, at) in bytes.iter_mut().zip(ORDER) {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// The text that compressed bytes hold.
fn inflated(bytes: &[u8], format: &str) -> Option<String> {
    let mut text = String::new();
    let most = LARGEST as u64 * 16;
    match format {
        "gzip" => GzDecoder::new(bytes).take(most).read_to_string(&mut text),
        _ => ZlibDecoder::new(bytes).take(most).read_to_string(&mut text),
    }
    .ok()?;
    Some(text)
}

/// The first 32 hexadecimal digits, whatever hyphens stand between them; the rest does not count.
fn read_guid(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('{');
    let digits: String = text.chars().filter(|c| *c != '-').take(32).collect();
    let plain = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| hyphened(&digits.to_ascii_lowercase()))?
}
