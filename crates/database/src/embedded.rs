//! A private PostgreSQL in the state folder.
