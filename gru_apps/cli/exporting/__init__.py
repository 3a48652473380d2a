"""Exports trained networks to LiteRT and ONNX, with what they are asked by.

- `command`: writes the folder; `trained`: what a SavedModel holds of its networks;
- one module for each application: its networks, and its encoding as plain data;
- `asking`: what is copied into the folder, and needs neither TensorFlow nor us.
"""
