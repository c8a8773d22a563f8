"""The programs that Aurora's manifests run, apart from the compiler."""
