"""Aurora's own API: the CustomResourceDefinitions MLTrainingJob and MLDeployment."""
