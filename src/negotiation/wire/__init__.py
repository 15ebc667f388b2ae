"""The wire format: CloudEvents lines to records and back, states to JSON and back.

This package stands at the edge. The core knows nothing of it, and it is imported when used.
"""
