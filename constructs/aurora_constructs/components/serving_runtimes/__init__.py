"""The model servers of the cluster: KServe's runtimes for sklearn, PyTorch, TensorFlow and vLLM."""
