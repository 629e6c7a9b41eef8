// Written by `cargo run -p generate`. Do not modify.
//! Connections on which generated statements run.

use std::future::Future;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement, Transaction};

pub(crate) use self as async_;

/// Takes the parameters of a statement by name.
pub trait Params<'c, 'a, 's, P, O, C> {
    fn params(&'s self, client: &'c C, params: &'a P) -> O;
}

/// A connection, a transaction, or a type that contains one.
pub trait GenericClient: Send + Sync {
    type Connection: Connection;

    fn connection(&self) -> &Self::Connection;
}

/// Runs prepared statements. A result is returned as a whole, not row by row, so that the caller can limit the waiting time.
pub trait Connection: Send + Sync {
    fn prepare(&self, query: &str) -> impl Future<Output = Result<Statement, Error>> + Send;

    fn execute(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    fn query_one(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Row, Error>> + Send;

    fn query_opt(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Option<Row>, Error>> + Send;

    fn query(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> impl Future<Output = Result<Vec<Row>, Error>> + Send;
}

macro_rules! connection {
    ($client:ty) => {
        impl GenericClient for $client {
            type Connection = Self;

            fn connection(&self) -> &Self {
                self
            }
        }

        impl Connection for $client {
            async fn prepare(&self, query: &str) -> Result<Statement, Error> {
                self.prepare(query).await
            }

            async fn execute(&self, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Result<u64, Error> {
                self.execute(statement, params).await
            }

            async fn query_one(&self, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Result<Row, Error> {
                self.query_one(statement, params).await
            }

            async fn query_opt(
                &self,
                statement: &Statement,
                params: &[&(dyn ToSql + Sync)],
            ) -> Result<Option<Row>, Error> {
                self.query_opt(statement, params).await
            }

            async fn query(&self, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
                self.query(statement, params).await
            }
        }
    };
}

connection!(Client);
connection!(Transaction<'_>);

pub(crate) async fn execute(
    client: &impl GenericClient,
    query: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<u64, Error> {
    let connection = client.connection();
    connection.execute(&connection.prepare(query).await?, params).await
}

pub(crate) async fn one(
    client: &impl GenericClient,
    query: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Row, Error> {
    let connection = client.connection();
    connection.query_one(&connection.prepare(query).await?, params).await
}

pub(crate) async fn opt(
    client: &impl GenericClient,
    query: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Option<Row>, Error> {
    let connection = client.connection();
    connection.query_opt(&connection.prepare(query).await?, params).await
}

pub(crate) async fn all(
    client: &impl GenericClient,
    query: &str,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, Error> {
    let connection = client.connection();
    connection.query(&connection.prepare(query).await?, params).await
}
