//! Which passwords anybody would try first: common ones, and those made of what is known of the account.

/// Common passwords as lower-case letters and digits, without digits at the end; lines that begin with # are about the list.
const COMMON: &str = include_str!("common.txt");

/// How many characters make no password when they are only repeated.
const FEW: usize = 3;

/// Why `password` is refused for an account of which `names` are known to everybody: its e-mail, and the names of its resort.
pub(super) fn objection(password: &str, names: &[&str]) -> Option<&'static str> {
    let letters = Some(plain(password)).filter(|letters| !letters.is_empty());
    let letters = letters.unwrap_or_else(|| password.to_lowercase());
    let cores = [&letters, without_digits(&letters), letters.trim_matches(is_digit)];
    let cores: Vec<&str> =
        cores.into_iter().flat_map(|core| [core, repeated(core)]).filter(|core| !core.is_empty()).collect();

    let local = |name: &str| name.split_once('@').map(|(local, _)| plain(local));
    let known: Vec<String> =
        names.iter().flat_map(|name| [Some(plain(name)), local(name)]).flatten().collect();
    let is_known = |core: &&str| known.iter().any(|name| core == name || *core == without_digits(name));
    if cores.iter().any(is_known) {
        return Some(
            "must not be made of the e-mail or the resort's name: a few other words make a good one",
        );
    }
    let is_common = |core: &&str| COMMON.lines().any(|word| word == *core);
    if repeated(&letters).chars().count() <= FEW || cores.iter().any(is_common) {
        return Some(
            "is one of the passwords that are guessed first: a few words that do not belong together make a good one",
        );
    }
    None
}

/// Letters and digits alone, in lower case.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit()
}

fn without_digits(text: &str) -> &str {
    text.trim_end_matches(is_digit)
}

/// The shortest text that `text` is a repetition of.
fn repeated(text: &str) -> &str {
    let lengths = text.char_indices().map(|(at, _)| at).skip(1);
    let unit = lengths
        .filter(|length| text.len().is_multiple_of(*length))
        .find(|length| text.as_bytes().chunks(*length).all(|chunk| chunk == &text.as_bytes()[..*length]));
    unit.map_or(text, |length| &text[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["olive.owner@happy-tails.example", "Happy Tails 7", "happy-tails"];

    #[test]
    fn what_is_tried_first_is_refused() {
        for password in [
            "1234567890",
            "password123!",
            "Password-2026",
            "2026password",
            "sunshine!!!!",
            "qwertyqwerty",
            "aaaaaaaaaa",
            "abcabcabcabc",
            "1212121212",
            "!!!!!!!!!!",
            "passwordpassword1",
        ] {
            assert!(objection(password, &NAMES).is_some(), "{password}");
        }
    }

    #[test]
    fn what_everybody_knows_of_the_account_is_refused() {
        for password in [
            "olive.owner@happy-tails.example",
            "Olive.Owner1",
            "oliveowneroliveowner!",
            "happy tails",
            "HappyTails2026!",
            "happy-tails-7",
            "7happytails7",
        ] {
            assert!(objection(password, &NAMES).is_some(), "{password}");
        }
        assert!(objection("HappyTails2026!", &["anna@example.com"]).is_none());
    }

    #[test]
    fn other_words_are_fine_whatever_they_are_made_of() {
        for password in [
            "correct horse battery",
            "another horse, another battery",
            "tailtown-demo",
            "long enough, this",
            "8264910375",
            "olive has happy tails",
            "пароль для собак",
            "犬の楽園へようこそ、みんな",
        ] {
            assert_eq!(objection(password, &NAMES), None, "{password}");
        }
    }

    #[test]
    fn the_list_is_as_the_comparison_needs_it() {
        for word in COMMON.lines().filter(|line| !line.starts_with('#')) {
            assert_eq!(plain(word), word);
        }
    }
}
