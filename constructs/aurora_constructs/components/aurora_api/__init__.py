"""Aurora's own API: the CustomResourceDefinitions MLTrainingJob and MLDeployment, and bodies of their objects."""
