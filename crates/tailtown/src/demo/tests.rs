//! What must hold for every resort of the demo, on any day.
