//! Which class a route is: read off the document, where a route says so or its shape does.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use aide::openapi::{OpenApi, Operation, Parameter, ReferenceOr};
use axum::extract::{MatchedPath, Request};
use http::Method;
use serde_json::json;
use tokio::time::Instant;

use super::class::{Class, Work};

/// The word by which a route declares its class in the document.
const EXTENSION: &str = "x-class";

/// By path, what each of its methods is.
type Routes = HashMap<String, Vec<(Method, Class, usize)>>;

/// That a request's route is open to those who signed in only, in its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NeedsSession;

/// The class of every route, and a number for each.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    routes: Arc<Routes>,
    /// The numbers of the routes that are open to those who signed in only.
    closed: Arc<HashSet<usize>>,
}

impl Classes {
    /// A GET of pages is a list, what is declared a report is one, everything else is the desk's.
    pub fn read(document: &OpenApi) -> Self {
        let paths = document.paths.iter().flat_map(|paths| &paths.paths);
        let operations =
            paths.filter_map(|(path, item)| Some((path, item.as_item()?))).flat_map(|(path, item)| {
                item.iter().map(move |(method, operation)| (path.clone(), method.to_uppercase(), operation))
            });
        let (mut routes, mut closed) = (Routes::new(), HashSet::new());
        for (number, (path, method, operation)) in operations.enumerate() {
            let Ok(method) = method.parse() else { continue };
            // The first is for what no route asks for.
            let kind = number + 1;
            if !operation.security.is_empty() {
                closed.insert(kind);
            }
            routes.entry(path).or_default().push((method, class(operation), kind));
        }
        Self { routes: Arc::new(routes), closed: Arc::new(closed) }
    }

    /// The class of the route at this path, as it was named; the desk's when there is none.
    pub fn of(&self, path: &str, method: &Method) -> Class {
        self.find(path, method).0
    }

    /// Says of a request what it will ask for a place as, and whether it needs a session.
    pub(crate) fn note(&self, request: &mut Request) {
        let path = request.extensions().get::<MatchedPath>();
        let (class, kind) = path.map_or((Class::Desk, 0), |path| self.find(path.as_str(), request.method()));
        if self.closed.contains(&kind) {
            request.extensions_mut().insert(NeedsSession);
        }
        request.extensions_mut().insert(Work { class, kind, since: Instant::now() });
    }

    fn find(&self, path: &str, method: &Method) -> (Class, usize) {
        let route = self.routes.get(path).and_then(|methods| methods.iter().find(|(of, ..)| of == method));
        route.map_or((Class::Desk, 0), |(_, class, kind)| (*class, *kind))
    }
}

/// Notes that an operation is of this class.
pub(crate) fn declare(operation: &mut Operation, class: Class) {
    let word: &str = class.into();
    operation.extensions.insert(EXTENSION.into(), json!(word));
}

fn class(operation: &Operation) -> Class {
    let declared = operation.extensions.get(EXTENSION).and_then(|word| word.as_str());
    let declared = declared.and_then(|word| Class::ALL.into_iter().find(|class| word == <&str>::from(class)));
    let is_cursor = |parameter: &ReferenceOr<Parameter>| {
        parameter.as_item().is_some_and(|parameter| parameter.parameter_data_ref().name == "cursor")
    };
    let by_shape = if operation.parameters.iter().any(is_cursor) { Class::Lists } else { Class::Desk };
    declared.unwrap_or(by_shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Done;
    use crate::openapi::{Routes, assemble};

    #[test]
    fn a_route_may_be_declared_a_report() {
        async fn sum() -> Done {
            Done
        }
        let routes =
            Routes::new("sums", "Sums.").report("/api/sums", sum, "Sum up").get("/api/sums/{id}", sum, "One");
        let classes = Classes::read(&assemble("1", [routes]).1);
        assert_eq!(classes.of("/api/sums", &Method::GET), Class::Reports);
        assert_eq!(classes.of("/api/sums/{id}", &Method::GET), Class::Desk);
        assert_eq!(classes.of("/api/others", &Method::GET), Class::Desk);
    }
}
