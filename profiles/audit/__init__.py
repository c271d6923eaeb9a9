"""The audit log: who read or changed what about whom, why and when; chained, so that tampering shows."""
